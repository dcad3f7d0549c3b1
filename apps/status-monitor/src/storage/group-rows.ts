import type { groupQueued, groupRefused, PayloadOf } from '#contracts';
import { attemptIdOf, jobIdOf } from '#grid';
import type { EntityManager } from 'typeorm';

type Queued = PayloadOf<typeof groupQueued>;
type Refused = PayloadOf<typeof groupRefused>;

/** Writes a group down; undefined where it is there already, else when that was. */
export async function insertGroup(manager: EntityManager, group: Queued): Promise<Date | undefined> {
  const rows = await manager.query<{ made_at: Date }[]>(
    `insert into job_group (id, name, project, backend, user_name, identity, template, labels, jobs, running_at_once,
       requested_by, requested_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing returning made_at`,
    [
      group.groupId,
      group.name,
      group.project,
      group.backend,
      group.user?.name ?? null,
      group.identity ?? null,
      JSON.stringify(group.template),
      JSON.stringify(group.labels),
      group.items.length,
      group.runningAtOnce ?? null,
      group.requestedBy,
      group.requestedAt,
    ],
  );
  return rows[0]?.made_at;
}

/** Writes down the jobs of a group and the first attempt of each. */
export async function insertJobs(manager: EntityManager, group: Queued, madeAt: Date): Promise<void> {
  const jobs = group.items.map(({ key, variables }, index) => {
    const id = jobIdOf(group.groupId, index);
    return { id, attempt: attemptIdOf(id, 1), index, key, variables };
  });
  const columns = `("id" uuid, "attempt" uuid, "index" int, "key" text, "variables" jsonb)`;
  const items = JSON.stringify(jobs);
  await manager.query(
    `insert into job (id, made_at, group_id, index, key, variables)
     select "id", $2, $3, "index", "key", "variables" from jsonb_to_recordset($1::jsonb) as u ${columns}`,
    [items, madeAt, group.groupId],
  );
  await manager.query(
    `insert into attempt (id, made_at, group_id, job_id, index, number, project, backend, state, state_at, queued_at)
     select "attempt", $2, $3, "id", "index", 1, $4, $5, 'queued', $2, $2
     from jsonb_to_recordset($1::jsonb) as u ${columns}`,
    [items, madeAt, group.groupId, group.project, group.backend],
  );
}

/** Writes down that a group will not run; nothing where it is there already. */
export async function insertRefusal(manager: EntityManager, group: Refused): Promise<void> {
  const { code, reason, at } = group;
  await manager.query(
    `insert into job_group (id, name, project, labels, jobs, requested_by, requested_at, refusal)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
    [
      group.groupId,
      group.name,
      group.project,
      JSON.stringify(group.labels),
      group.jobs,
      group.requestedBy,
      at,
      JSON.stringify({ code, reason, at }),
    ],
  );
}

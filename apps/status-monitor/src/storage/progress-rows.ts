import { attemptProgress, type AttemptState, hasEnded } from '#contracts';
import type { EntityManager } from 'typeorm';
import type { Counts } from '../domain/outcome.js';

/** A group of which something is to be said. */
export interface ChangedGroup {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly jobs: number;
  readonly finished_at: Date | null;
}

const openStates = (Object.keys(attemptProgress) as AttemptState[]).filter((state) => !hasEnded(state));

/**
 * Takes out what changed groups whose last progress is a second old, or of which nothing is open any more: that they are
 * over is what somebody waits for. The rows that come meanwhile stay, and are for the next time.
 */
export async function takeChanged(manager: EntityManager, most: number): Promise<readonly ChangedGroup[]> {
  const groups = await manager.query<ChangedGroup[]>(
    `select g.id, g.name, g.project, g.labels, g.jobs, g.finished_at from job_group g
     where g.id in (select group_id from group_change)
       and (g.progressed_at is null or g.progressed_at <= now() - interval '1 second' or not exists (
         select from attempt a where a.group_id = g.id and a.is_latest and a.state = any($2::text[])))
     order by g.id limit $1 for update of g`,
    [most, openStates],
  );
  if (groups.length > 0)
    await manager.query('delete from group_change where group_id = any($1::uuid[])', [
      groups.map(({ id }) => id),
    ]);
  return groups;
}

/** How many jobs of each group are in which state, each job by its latest attempt. */
export async function countStates(
  manager: Pick<EntityManager, 'query'>,
  groups: readonly string[],
): Promise<ReadonlyMap<string, Counts>> {
  const rows: { group_id: string; state: AttemptState; jobs: number }[] = await manager.query(
    `select group_id, state, count(*)::int as jobs from attempt
     where group_id = any($1::uuid[]) and is_latest group by group_id, state`,
    [groups],
  );
  const counts = new Map<string, Partial<Record<AttemptState, number>>>();
  for (const { group_id, state, jobs } of rows)
    counts.set(group_id, { ...counts.get(group_id), [state]: jobs });
  return counts;
}

/** What was said of a group last. */
export interface Progress {
  readonly id: string;
  readonly states: Counts;
  /** Set once it is over. */
  readonly outcome: string | undefined;
}

/** Notes how far groups are as it was just told; the time of a group's end is that of its first one. */
export async function writeProgress(manager: EntityManager, progress: readonly Progress[]): Promise<void> {
  if (progress.length === 0) return;
  await manager.query(
    `update job_group g set progressed_at = now(), states = u.states, outcome = u.outcome,
       finished_at = case when u.outcome is null then null else coalesce(g.finished_at, now()) end
     from jsonb_to_recordset($1::jsonb) as u (id uuid, states jsonb, outcome text) where g.id = u.id`,
    [JSON.stringify(progress)],
  );
}

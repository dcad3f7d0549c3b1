import { groupQueued, groupRefused, jobQueued } from '#contracts';
import { addAllToOutbox, addToOutbox } from '#database';
import { attemptIdOf, jobIdOf, type Verdict } from '#grid';
import type { DataSource, EntityManager } from 'typeorm';
import type { WantedGroup } from '../domain/wanted-group.js';
import type { NamedAttempt, Thread } from './sayings.js';

type Accepted = Extract<Verdict, { accepted: true }>;
type Refused = Extract<Verdict, { accepted: false }>;

/** Writes groups down with what is said of them. Each counts once, however often it is handed in. */
export class GroupStore {
  constructor(private readonly dataSource: DataSource) {}

  /** @returns whether it is new */
  async accept(group: WantedGroup, { backend, identity }: Accepted, thread: Thread): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      if (!(await this.insert(manager, group, { state: 'accepted', backend, identity }, thread)))
        return false;
      const attempts = firstAttempts(group, backend);
      await manager.query(
        `insert into attempt (id, group_id, job_id, index, number, project, backend, item, state)
         select id, $1, job_id, index, 1, $2, $3, item, 'queued'
         from jsonb_to_recordset($4::jsonb) as attempt (id uuid, job_id uuid, index int, item jsonb)`,
        [group.groupId, group.project, backend, rowsOf(attempts, group)],
      );
      // Anybody may hear it, and nobody but us needs what is secret in it, sealed or not.
      const { sealed: _, ...template } = group.template;
      const payload = { ...group, template, backend, ...(identity !== undefined && { identity }) };
      const at = new Date().toISOString();
      await addAllToOutbox(manager, [
        { message: groupQueued, payload, ...thread },
        ...attempts.map((attempt) => ({ message: jobQueued, payload: { ...attempt, at }, ...thread })),
      ]);
      return true;
    });
  }

  /** @returns whether it is new */
  async refuse(group: WantedGroup, { code, reason }: Refused, thread: Thread): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      if (!(await this.insert(manager, group, { state: 'refused' }, thread))) return false;
      const { groupId, name, project, labels, requestedBy, items } = group;
      const at = new Date().toISOString();
      await addToOutbox(manager, {
        message: groupRefused,
        payload: { groupId, name, project, labels, requestedBy, jobs: items.length, code, reason, at },
        ...thread,
      });
      return true;
    });
  }

  private async insert(
    manager: EntityManager,
    group: WantedGroup,
    fate: { state: 'accepted' | 'refused'; backend?: string; identity?: string | undefined },
    thread: Thread,
  ): Promise<boolean> {
    const isAccepted = fate.state === 'accepted';
    const inserted = await manager.query<unknown[]>(
      `insert into job_group (id, state, name, project, backend, identity, user_name, template, running_at_once,
         priority, due_at, traceparent, correlation_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, case when $2 = 'accepted' then now() end, $11, $12)
       on conflict (id) do nothing returning id`,
      [
        group.groupId,
        fate.state,
        group.name,
        group.project,
        fate.backend ?? null,
        fate.identity ?? null,
        group.user?.name ?? null,
        // One that was refused is only known by its id, so that it is refused once.
        isAccepted ? JSON.stringify(group.template) : null,
        group.runningAtOnce ?? null,
        group.template.priority,
        thread.traceparent ?? null,
        thread.correlationId ?? null,
      ],
    );
    return inserted.length > 0;
  }
}

function firstAttempts({ groupId, project, items }: WantedGroup, backend: string): readonly NamedAttempt[] {
  return items.map((_, index) => {
    const jobId = jobIdOf(groupId, index);
    return { groupId, jobId, attemptId: attemptIdOf(jobId, 1), index, attempt: 1, project, backend };
  });
}

const rowsOf = (attempts: readonly NamedAttempt[], { items }: WantedGroup): string =>
  JSON.stringify(
    attempts.map(({ attemptId, jobId, index }) => ({
      id: attemptId,
      job_id: jobId,
      index,
      item: items[index],
    })),
  );

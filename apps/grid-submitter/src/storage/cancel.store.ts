import { jobCancelling, jobWithdrawn, type jobCancel, type PayloadOf } from '#contracts';
import { addAllToOutbox, addToOutbox } from '#database';
import { temporary } from '#errors';
import type { DataSource, EntityManager } from 'typeorm';
import { attemptColumns, type AttemptRow, named, type Thread, threadOf, type ThreadRow } from './sayings.js';

/** `job.cancel` as it came: which jobs of a group, all where none is named, and why. */
export type CancelWish = PayloadOf<typeof jobCancel>;

interface LatestRow extends AttemptRow {
  readonly state: 'queued' | 'submitting' | 'submitted' | 'ended';
  readonly is_asked: boolean;
}

/** As much of the table `job_group` as a wish about its jobs needs. */
export interface GroupRow extends ThreadRow {
  readonly state: 'accepted' | 'refused';
}

/**
 * The group, locked: what is done about its jobs is done one after another.
 * @throws temporary `group.unknown`: its submission may still come
 */
export async function lockGroup(manager: EntityManager, groupId: string): Promise<GroupRow> {
  const [group] = await manager.query<GroupRow[]>(
    'select state, traceparent, correlation_id from job_group where id = $1 for no key update',
    [groupId],
  );
  if (group) return group;
  throw temporary('group.unknown', `no group ${groupId} was handed in`, { subject: groupId });
}

/** Writes down that jobs are not wanted any more. Before, after and doubled: it does no harm. */
export class CancelStore {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws temporary `group.unknown` */
  async cancel(wish: CancelWish, causationId: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const group = await lockGroup(manager, wish.groupId);
      const latest = await latestAttempts(manager, wish);
      const thread = threadOf(group, causationId);
      const ids = (state: LatestRow['state']): readonly LatestRow[] =>
        latest.filter((row) => row.state === state && !row.is_asked);
      await withdraw(manager, ids('queued'), wish, thread);
      await remember(manager, [...ids('submitting'), ...ids('submitted')], wish);
      await hasten(manager, latest, wish);
      await sayCancelling(manager, ids('submitted'), wish, thread);
      // An attempt that has to end may be followed by another; a job that nobody wants may not.
      if (wish.attempt === undefined) {
        await manager.query('update attempt set unwanted = true where id = any($1)', [
          latest.map(({ id }) => id),
        ]);
      }
    });
  }
}

async function latestAttempts(
  manager: EntityManager,
  { groupId, indexes, attempt }: CancelWish,
): Promise<readonly LatestRow[]> {
  return manager.query<LatestRow[]>(
    `with latest as (
       select distinct on (index) id from attempt
       where group_id = $1 and ($2::int[] is null or index = any($2)) order by index, number desc)
     select ${attemptColumns}, state, cancel is not null as is_asked from attempt
     where id in (select id from latest) and ($3::int is null or number = $3)
     order by index for update`,
    [groupId, indexes ?? null, attempt ?? null],
  );
}

/** They never get to a batch system. */
export async function withdraw(
  manager: EntityManager,
  rows: readonly AttemptRow[],
  { reason }: Pick<CancelWish, 'reason'>,
  thread: Thread,
): Promise<void> {
  if (rows.length === 0) return;
  await manager.query(
    `update attempt set state = 'ended', outcome = 'withdrawn', submission_id = null, ended_at = now()
     where id = any($1)`,
    [rows.map(({ id }) => id)],
  );
  const at = new Date().toISOString();
  await addAllToOutbox(
    manager,
    rows.map((row) => ({ message: jobWithdrawn, payload: { ...named(row), at, reason }, ...thread })),
  );
}

/** The batch system is asked for those that it has; for those on their way once it has them. */
async function remember(
  manager: EntityManager,
  rows: readonly LatestRow[],
  { reason, requestedBy, graceSeconds }: CancelWish,
): Promise<void> {
  if (rows.length === 0) return;
  await manager.query(
    `update attempt set cancel = $2::jsonb || jsonb_build_object('dueAt', now() + $3 * interval '1 second'),
       cancel_due_at = case when state = 'submitted' then now() + $3 * interval '1 second' end
     where id = any($1)`,
    [rows.map(({ id }) => id), JSON.stringify({ reason, requestedBy, graceSeconds }), graceSeconds ?? 0],
  );
}

/** Somebody has no more time for what was given some: the batch system is asked sooner. */
async function hasten(
  manager: EntityManager,
  rows: readonly LatestRow[],
  { graceSeconds = 0 }: CancelWish,
): Promise<void> {
  const asked = rows.filter(({ is_asked: isAsked, state }) => isAsked && state !== 'ended');
  if (asked.length === 0) return;
  await manager.query(
    `update attempt set cancel = cancel || jsonb_build_object('dueAt', now() + $2 * interval '1 second'),
       cancel_due_at = case when state = 'submitted' then now() + $2 * interval '1 second' end
     where id = any($1) and (cancel->>'dueAt')::timestamptz > now() + $2 * interval '1 second'
       and (state = 'submitting' or cancel_due_at = (cancel->>'dueAt')::timestamptz)`,
    [asked.map(({ id }) => id), graceSeconds],
  );
}

/** Says that these are to end, all of one group. */
export async function sayCancelling(
  manager: EntityManager,
  rows: readonly AttemptRow[],
  { reason, requestedBy, graceSeconds }: Pick<CancelWish, 'reason' | 'requestedBy' | 'graceSeconds'>,
  thread: Thread,
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const attempts = rows.map(({ id }) => id);
  const at = new Date().toISOString();
  const payload = { groupId: first.group_id, attempts, reason, requestedBy, graceSeconds, at };
  await addToOutbox(manager, { message: jobCancelling, payload, ...thread });
}

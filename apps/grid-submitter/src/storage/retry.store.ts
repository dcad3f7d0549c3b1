import { jobQueued, type jobRetry, type JobFault, type PayloadOf } from '#contracts';
import { addToOutbox } from '#database';
import { permanent } from '#errors';
import { attemptIdOf, jobIdOf } from '#grid';
import type { DataSource, EntityManager } from 'typeorm';
import { lockGroup, withdraw } from './cancel.store.js';
import { attemptColumns, type AttemptRow, named, threadOf } from './sayings.js';

/** `job.retry` as it came: the ledger decided on the attempt and gave it its number and its time. */
export type RetryWish = PayloadOf<typeof jobRetry>;

interface Before {
  readonly number: number;
  readonly outcome: string | null;
  readonly unwanted: boolean;
}

/** Writes down further attempts, which the ledger asks for. */
export class RetryStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Queues the attempt; where the job was cancelled meanwhile says at once that it is withdrawn, so that the ledger does
   * not wait for it.
   * @throws temporary `group.unknown`
   * @throws permanent `attempt.unknown` where the group has no such job, or the ids are not those of that job
   */
  async retry(wish: RetryWish, causationId: string): Promise<void> {
    if (wish.attemptId !== attemptIdOf(jobIdOf(wish.groupId, wish.index), wish.attempt)) throw foreign(wish);
    await this.dataSource.transaction(async (manager) => {
      const group = await lockGroup(manager, wish.groupId);
      const before = await lastAttempt(manager, wish);
      if (before.number >= wish.attempt) return;
      const row = await insertAttempt(manager, wish);
      const thread = threadOf(group, causationId);
      if (isUnwanted(before)) return withdraw(manager, [row], { reason: cancelled }, thread);
      await manager.query('update job_group set due_at = least(due_at, $2::timestamptz) where id = $1', [
        wish.groupId,
        wish.notBefore,
      ]);
      const payload = { ...named(row), at: new Date().toISOString() };
      await addToOutbox(manager, { message: jobQueued, payload, ...thread });
    });
  }
}

const cancelled: { fault: JobFault; words: string } = {
  fault: 'cancelled',
  words: 'the job was cancelled before this attempt',
};

/** Where the cancelled attempt has ended as such, who asks for another one knows of it, and wants it all the same. */
const isUnwanted = ({ unwanted, outcome }: Before): boolean =>
  unwanted && outcome !== 'cancelled' && outcome !== 'withdrawn';

async function lastAttempt(manager: EntityManager, wish: RetryWish): Promise<Before> {
  const [before] = await manager.query<Before[]>(
    `select number, outcome, unwanted from attempt where group_id = $1 and index = $2 order by number desc limit 1`,
    [wish.groupId, wish.index],
  );
  if (before) return before;
  throw foreign(wish);
}

async function insertAttempt(manager: EntityManager, wish: RetryWish): Promise<AttemptRow> {
  const [row] = await manager.query<AttemptRow[]>(
    `insert into attempt (id, group_id, job_id, index, number, project, backend, item, state, not_before)
     select $1, group_id, job_id, index, $2, project, backend, item, 'queued', $3
     from attempt where group_id = $4 and index = $5 order by number limit 1
     returning ${attemptColumns}`,
    [wish.attemptId, wish.attempt, wish.notBefore, wish.groupId, wish.index],
  );
  if (row) return row;
  throw foreign(wish);
}

const foreign = ({ groupId, index, attempt }: RetryWish): Error =>
  permanent(
    'attempt.unknown',
    `group ${groupId} has no attempt ${attempt} of its job ${index} with these ids`,
    {
      subject: groupId,
    },
  );

import { jobRefused, jobSubmitted, type JobFault } from '#contracts';
import { addAllToOutbox } from '#database';
import type { BatchJob } from '#grid';
import type { DataSource, EntityManager } from 'typeorm';
import { type CancelWish, sayCancelling, withdraw } from './cancel.store.js';
import {
  attemptColumns,
  type AttemptRow,
  fitting,
  named,
  type Thread,
  threadOf,
  type ThreadRow,
} from './sayings.js';

/** A submission that this copy has the lease of. Whatever another copy has taken over meanwhile is left to that one. */
export interface Held {
  readonly id: string;
  readonly holder: string;
}

interface SubmittingRow extends AttemptRow {
  readonly outcome: string | null;
  readonly cancel: Wish | null;
}

interface Open {
  readonly thread: Thread;
  readonly rows: readonly SubmittingRow[];
}

/** What became of submissions. Each is settled by one copy, in one transaction with what is said of it. */
export class SubmissionStore {
  constructor(private readonly dataSource: DataSource) {}

  /** @returns false where another copy has it */
  async renew({ id, holder }: Held, leaseMs: number): Promise<boolean> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `update submission set lease_until = clock_timestamp() + $3 * interval '1 millisecond'
       where id = $1 and holder = $2 and state <> 'done'`,
      [id, holder, leaseMs],
    );
    return count > 0;
  }

  /**
   * The batch system has these of its attempts; the others, where there are such, it never will have: they wait for
   * another turn.
   */
  async record(held: Held, jobs: readonly BatchJob[]): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const thread = await end(manager, held, true);
      if (!thread) return false;
      const submitted = await markSubmitted(manager, held, jobs);
      const at = new Date().toISOString();
      const said = submitted.map((row) => ({
        message: jobSubmitted,
        payload: { ...named(row), at, batchId: row.batch_id },
        ...thread,
      }));
      await addAllToOutbox(manager, said);
      await sayCancelled(manager, submitted, thread);
      await requeue(manager, await submittingOf(manager, held), thread);
      return true;
    });
  }

  /** The batch system will not have it, in these words. */
  async refuse(held: Held, words: string): Promise<boolean> {
    return this.settle(held, async (manager, { thread, rows }) => {
      await withdrawUnwanted(manager, rows, thread);
      const refused = rows.filter(({ cancel, outcome }) => cancel === null && outcome === null);
      const reason: { fault: JobFault; words: string } = { fault: 'refused', words: fitting(words) };
      await manager.query(
        `update attempt set state = 'ended', outcome = 'refused', words = $2, ended_at = now() where id = any($1)`,
        [refused.map(({ id }) => id), reason.words],
      );
      const at = new Date().toISOString();
      await addAllToOutbox(
        manager,
        refused.map((row) => ({ message: jobRefused, payload: { ...named(row), at, reason }, ...thread })),
      );
    });
  }

  /** Nothing of it is in the batch system, for sure: its attempts wait for another turn, `waitMs` at least. */
  async release(held: Held, words: string | undefined, waitMs = 0): Promise<boolean> {
    return this.settle(held, (manager, { thread, rows }) =>
      requeue(manager, rows, thread, { words, waitMs }),
    );
  }

  /** It is not known whether the batch system has it. `lookMs`: when somebody is to look. */
  async doubt({ id, holder }: Held, words: string, lookMs: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const [, count] = await manager.query<[unknown, number]>(
        `update submission set state = 'uncertain', cut_off_at = coalesce(cut_off_at, clock_timestamp()), words = $3,
           lease_until = clock_timestamp() + $4 * interval '1 millisecond'
         where id = $1 and holder = $2 and state <> 'done'`,
        [id, holder, fitting(words), lookMs],
      );
      if (count === 0) return;
      await manager.query(`update attempt set words = $2 where submission_id = $1 and state = 'submitting'`, [
        id,
        fitting(words),
      ]);
    });
  }

  /** Runs `work` where this copy still has the submission, and ends it. */
  private settle(held: Held, work: (manager: EntityManager, open: Open) => Promise<void>): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const thread = await end(manager, held, false);
      if (!thread) return false;
      await work(manager, { thread, rows: await submittingOf(manager, held) });
      return true;
    });
  }
}

/**
 * Ends the submission and locks its group: in one statement, for a recording is on the way of every event. Undefined
 * where another copy has it. One that was taken ends the backend's back-off.
 */
async function end(
  manager: EntityManager,
  { id, holder }: Held,
  isTaken: boolean,
): Promise<Thread | undefined> {
  const [group] = await manager.query<ThreadRow[]>(
    `with ended as (
       update submission set state = 'done' where id = $1 and holder = $2 and state <> 'done'
       returning group_id, backend),
     over as (delete from back_off where $3 and backend = (select backend from ended))
     select traceparent, correlation_id from job_group where id = (select group_id from ended) for no key update`,
    [id, holder, isTaken],
  );
  return group && threadOf(group);
}

/** Its attempts that nothing has become of, locked in the order in which everybody locks them. */
const submittingOf = (manager: EntityManager, { id }: Held): Promise<readonly SubmittingRow[]> =>
  manager.query<SubmittingRow[]>(
    `select ${attemptColumns}, outcome, cancel from attempt
     where submission_id = $1 and state = 'submitting' order by index, number for update`,
    [id],
  );

interface SubmittedRow extends SubmittingRow {
  readonly batch_id: string;
}

/** Where the ledger knows its end already, it was that quick. Locked in the order in which everybody locks them. */
async function markSubmitted(
  manager: EntityManager,
  { id }: Held,
  jobs: readonly BatchJob[],
): Promise<readonly SubmittedRow[]> {
  const batchIds = Object.fromEntries(jobs.map(({ attemptId, batchId }) => [attemptId, batchId]));
  const [rows] = await manager.query<[SubmittedRow[], number]>(
    `with taken as materialized (
       select id from attempt where submission_id = $1 and state = 'submitting' and $2::jsonb ? id::text
       order by index, number for update)
     update attempt set batch_id = $2::jsonb ->> attempt.id::text, words = null,
       state = case when outcome is null then 'submitted' else 'ended' end,
       cancel_due_at = case when cancel is not null and outcome is null
         then coalesce((cancel->>'dueAt')::timestamptz, now()) end
     from taken where attempt.id = taken.id
     returning attempt.${attemptColumns}, outcome, cancel, batch_id`,
    [id, JSON.stringify(batchIds)],
  );
  return rows.toSorted((one, other) => one.index - other.index || one.number - other.number);
}

/** Those that somebody cancelled on their way, by what was said of each. */
async function sayCancelled(
  manager: EntityManager,
  rows: readonly SubmittingRow[],
  thread: Thread,
): Promise<void> {
  for (const [wish, some] of byWish(rows.filter(({ outcome }) => outcome === null)))
    await sayCancelling(manager, some, wish, thread);
}

async function withdrawUnwanted(
  manager: EntityManager,
  rows: readonly SubmittingRow[],
  thread: Thread,
): Promise<void> {
  const over = rows.filter(({ outcome }) => outcome !== null).map(({ id }) => id);
  await manager.query(`update attempt set state = 'ended' where id = any($1)`, [over]);
  for (const [wish, some] of byWish(rows.filter(({ outcome }) => outcome === null)))
    await withdraw(manager, some, wish, thread);
}

async function requeue(
  manager: EntityManager,
  rows: readonly SubmittingRow[],
  thread: Thread,
  { words, waitMs = 0 }: { readonly words?: string | undefined; readonly waitMs?: number } = {},
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  await withdrawUnwanted(manager, rows, thread);
  const wanted = rows.filter(({ cancel, outcome }) => cancel === null && outcome === null);
  await manager.query(
    `update attempt set state = 'queued', submission_id = null, place = null, words = $2 where id = any($1)`,
    [wanted.map(({ id }) => id), words === undefined ? null : fitting(words)],
  );
  await manager.query(
    `update job_group set due_at = clock_timestamp() + $2 * interval '1 millisecond' where id = $1`,
    [first.group_id, waitMs],
  );
}

type Wish = Pick<CancelWish, 'reason' | 'requestedBy' | 'graceSeconds'>;

function byWish(rows: readonly SubmittingRow[]): readonly (readonly [Wish, readonly SubmittingRow[]])[] {
  const groups = new Map<string, { readonly wish: Wish; readonly rows: SubmittingRow[] }>();
  for (const row of rows) {
    if (row.cancel === null) continue;
    const key = JSON.stringify(row.cancel);
    const known = groups.get(key);
    if (known) known.rows.push(row);
    else groups.set(key, { wish: row.cancel, rows: [row] });
  }
  return [...groups.values()].map((group) => [group.wish, group.rows]);
}

import type { DataSource } from 'typeorm';

/** Batch jobs that are to end, all under one identity. */
export interface DueCancellation {
  readonly identity: string | undefined;
  readonly attempts: readonly { readonly id: string; readonly batchId: string }[];
}

interface Row {
  readonly id: string;
  readonly batch_id: string;
  readonly identity: string | null;
}

const mostAtOnce = 1_000;
const longestMs = 600_000;
/** More than three hours of being asked, whatever the first wait is. */
const mostTimes = 25;

/** What the batch system has still to be asked to end. */
export class CancellationStore {
  constructor(
    private readonly dataSource: DataSource,
    /** After how long it is asked for the second time, in milliseconds; doubled each time, up to ten minutes. */
    private readonly againMs: number,
  ) {}

  /**
   * Some that are due, each for this copy alone as long as the lease is; then they are due again. Where `isDeaf`, jobs
   * hear nothing of a cancellation, and time for their end would be lost on them: all are due.
   */
  async take(backend: string, leaseMs: number, isDeaf: boolean): Promise<readonly DueCancellation[]> {
    const [rows] = await this.dataSource.query<[Row[], number]>(
      `update attempt set cancel_due_at = clock_timestamp() + $2 * interval '1 millisecond'
       from job_group where job_group.id = group_id and attempt.id in (
         select id from attempt where backend = $1 and state = 'submitted' and cancel_due_at is not null
           and (cancel_due_at <= clock_timestamp() or $3 and cancel_due_at = (cancel->>'dueAt')::timestamptz)
         order by group_id, index, number limit ${mostAtOnce} for update skip locked)
       returning attempt.id, batch_id, identity`,
      [backend, leaseMs, isDeaf],
    );
    return [...new Set(rows.map(({ identity }) => identity))].map((identity) => ({
      identity: identity ?? undefined,
      attempts: rows
        .filter((row) => row.identity === identity)
        .map(({ id, batch_id: batchId }) => ({ id, batchId })),
    }));
  }

  /**
   * The batch system was asked. It may have lost that, so it is asked again until the ledger says that they have ended,
   * which leaves nothing to ask for.
   */
  async asked(attempts: readonly string[]): Promise<void> {
    await this.dataSource.query(
      `update attempt set cancel_asked = cancel_asked + 1,
         cancel_due_at = case when cancel_asked < $2 then clock_timestamp()
           + least($3 * power(2, cancel_asked), ${longestMs}) * interval '1 millisecond' end
       where id = any($1) and state = 'submitted'`,
      [attempts, mostTimes, this.againMs],
    );
  }
}

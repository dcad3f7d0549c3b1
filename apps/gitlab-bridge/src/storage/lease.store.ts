import type { DataSource } from 'typeorm';
import type { CiJobRecord } from '../domain/ci-job.js';
import { type CiJobRow, recordOf } from './ci-job-row.js';

/** Who looks after which CI job: one copy at a time, until its lease is over. */
export class LeaseStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Takes jobs that nobody looks after. */
  async take(holder: string, leaseMs: number, most: number): Promise<readonly CiJobRecord[]> {
    const [rows] = await this.dataSource.query<[readonly CiJobRow[], number]>(
      `update ci_job set holder = $1, lease_until = clock_timestamp() + $2 * interval '1 millisecond'
       where id in (
         select id from ci_job where phase <> 'over' and lease_until <= clock_timestamp()
         order by received_at limit $3 for update skip locked)
       returning *`,
      [holder, leaseMs, most],
    );
    return rows.map(recordOf);
  }

  /**
   * Renews those of the given jobs that this copy has. A job that it has without knowing, since the answer to its taking
   * or to an earlier renewal was lost, comes to whoever asks for one once its lease is over.
   *
   * @returns which it still has
   */
  async renew(holder: string, leaseMs: number, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const [rows] = await this.dataSource.query<[readonly { id: string }[], number]>(
      `update ci_job set lease_until = clock_timestamp() + $2 * interval '1 millisecond'
       where holder = $1 and id = any($3) and phase <> 'over' and lease_until > clock_timestamp() returning id`,
      [holder, leaseMs, ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Lets others have them at once. */
  async release(holder: string): Promise<void> {
    await this.dataSource.query(
      `update ci_job set holder = null, lease_until = '-infinity' where holder = $1 and phase <> 'over'`,
      [holder],
    );
  }
}

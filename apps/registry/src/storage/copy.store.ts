import type { DataSource } from 'typeorm';
import type { HeardCopy } from '../domain/copy-findings.js';

/** The copies of services that ask what they missed: each does now and then, also when it missed nothing. */
export class CopyStore {
  constructor(private readonly dataSource: DataSource) {}

  /** A copy asks for what lies after a revision. One that asks below what it was told before did not take it. */
  async asked(queue: string, after: number): Promise<void> {
    await this.dataSource.query(
      `insert into service_copy as copy (queue, asked_after, told_up_to, heard_at) values ($1, $2, $2, now())
       on conflict (queue) do update set asked_after = excluded.asked_after, heard_at = excluded.heard_at,
         stuck_since = case when excluded.asked_after < copy.told_up_to then coalesce(copy.stuck_since, now()) end`,
      [queue, after],
    );
  }

  /** It was sent everything up to a revision. */
  async told(queue: string, upTo: number): Promise<void> {
    await this.dataSource.query('update service_copy set told_up_to = $2 where queue = $1', [queue, upTo]);
  }

  /** It listens no more. */
  async gone(queue: string): Promise<void> {
    await this.dataSource.query('delete from service_copy where queue = $1', [queue]);
  }

  /** Forgets those that were not heard for so long; all others. */
  async recent(withinMs: number): Promise<readonly HeardCopy[]> {
    const since = new Date(Date.now() - withinMs);
    await this.dataSource.query('delete from service_copy where heard_at < $1', [since]);
    const rows = await this.dataSource.query<Row[]>('select * from service_copy order by queue');
    return rows.map((row) => ({
      queue: row.queue,
      revision: row.stuck_since ? Number(row.asked_after) : Number(row.told_up_to),
      heardAt: row.heard_at,
      stuckSince: row.stuck_since ?? undefined,
    }));
  }
}

interface Row {
  readonly queue: string;
  readonly asked_after: string;
  readonly told_up_to: string;
  readonly heard_at: Date;
  readonly stuck_since: Date | null;
}

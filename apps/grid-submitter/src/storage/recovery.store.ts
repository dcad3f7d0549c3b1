import type { DataSource } from 'typeorm';
import type { PickedGroup } from './pick.store.js';
import { groupOf } from './pick.store.js';

/** A submission of which nobody knows whether the batch system has it, now held by this copy. */
export interface Doubtful {
  readonly id: string;
  readonly group: PickedGroup;
  /** Ids of its attempts, in the order in which they were, or were not, submitted. */
  readonly attempts: readonly string[];
  /** For how many milliseconds nobody has been submitting it, by the database's clock. */
  readonly cutOffMs: number;
  readonly startedAt: Date;
}

interface Row {
  readonly id: string;
  readonly group_id: string;
  readonly cut_off_ms: number;
  readonly started_at: Date;
}

/** Finds submissions that were cut off: their copy died, or the batch system gave no answer. */
export class RecoveryStore {
  constructor(private readonly dataSource: DataSource) {}

  /** One that is due to be looked for, or undefined. Only this copy looks, for as long as the lease is. */
  async takeOver(backend: string, holder: string, leaseMs: number): Promise<Doubtful | undefined> {
    // Who held it may have lived, and gone on submitting, up to the end of its lease.
    const [rows] = await this.dataSource.query<[Row[], number]>(
      `update submission set state = 'uncertain', holder = $2, cut_off_at = coalesce(cut_off_at, lease_until),
         lease_until = clock_timestamp() + $3 * interval '1 millisecond'
       where id = (
         select id from submission where backend = $1 and state <> 'done' and lease_until < clock_timestamp()
         order by lease_until limit 1 for update skip locked)
       returning id, group_id, started_at,
         (extract(epoch from clock_timestamp() - cut_off_at) * 1000)::float8 as cut_off_ms`,
      [backend, holder, leaseMs],
    );
    const [row] = rows;
    if (!row) return undefined;
    const attempts = await this.dataSource.query<{ id: string }[]>(
      'select id from attempt where submission_id = $1 order by place',
      [row.id],
    );
    return {
      id: row.id,
      group: await groupOf(this.dataSource, row.group_id),
      attempts: attempts.map(({ id }) => id),
      cutOffMs: row.cut_off_ms,
      startedAt: row.started_at,
    };
  }
}

import type { DataSource } from 'typeorm';
import { fitting } from './sayings.js';

/** A batch system that is left alone until then, as the metrics tell it. */
export interface BackOff {
  readonly backend: string;
  readonly until: Date;
  readonly failures: number;
  /** The batch system's own. */
  readonly words: string;
}

/** Batch systems that are left alone for a while; all copies keep to it. A submission that is taken ends it. */
export class BackOffStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly longestSeconds: number,
  ) {}

  /** A second the first time, doubled each time. @returns for how many seconds */
  async leaveAlone(backend: string, words: string): Promise<number> {
    const [row] = await this.dataSource.query<{ seconds: number }[]>(
      `insert into back_off as known (backend, until, failures, words)
       values ($1, clock_timestamp() + interval '1 second', 1, $2)
       on conflict (backend) do update set words = excluded.words,
         -- Several that were under way when it went away are one failure.
         failures = known.failures + case when known.until < clock_timestamp() then 1 else 0 end,
         until = greatest(known.until, clock_timestamp() + least($3, power(2, least(known.failures, 20)))
           * interval '1 second')
       returning extract(epoch from until - clock_timestamp())::float8 as seconds`,
      [backend, fitting(words), this.longestSeconds],
    );
    return row?.seconds ?? 1;
  }

  async all(): Promise<readonly BackOff[]> {
    return this.dataSource.query<BackOff[]>('select backend, until, failures, words from back_off');
  }
}

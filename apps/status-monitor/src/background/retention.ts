import type { Logger } from '#service';
import type { DataSource, EntityManager } from 'typeorm';
import { makePartitions, monthAfter, partitioned, suffixOf } from '../storage/partitions.js';
import { forgetParked } from '../storage/report-rows.js';

/** Makes the months to come, and lets go of those that are past and finished. */
export class Retention {
  constructor(
    private readonly dataSource: DataSource,
    private readonly retentionDays: number,
    private readonly log: Pick<Logger, 'info' | 'warn'>,
  ) {}

  async round(): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const [lock] = await manager.query<{ held: boolean }[]>(
        `select pg_try_advisory_xact_lock(hashtext(current_schema() || '.retention')) as held`,
      );
      if (lock?.held) await makePartitions(manager);
    });
    for (const month of await this.oldMonths()) await this.drop(month);
    const strangers = await forgetParked(this.dataSource.manager);
    if (strangers > 0)
      this.log.warn({ reports: strangers }, 'reports on attempts that nobody told of are forgotten');
  }

  /** Months that are over for longer than groups are kept. */
  private async oldMonths(): Promise<readonly Date[]> {
    const rows = await this.dataSource.query<{ month: Date }[]>(
      `select distinct date_trunc('month', made_at at time zone 'UTC') at time zone 'UTC' as month from job_group
       where made_at < now() - make_interval(days => $1)`,
      [this.retentionDays],
    );
    const limit = Date.now() - this.retentionDays * 86_400_000;
    return rows.map(({ month }) => month).filter((month) => monthAfter(month, 1).getTime() <= limit);
  }

  /** A month goes as a whole, once all of its groups are finished. */
  private async drop(month: Date): Promise<void> {
    const isDropped = await this.dataSource.transaction(async (manager) => {
      // Readers of the ledger wait behind us while we wait for them.
      await manager.query(`set local lock_timeout = '5s'`);
      const within = [month, monthAfter(month, 1)];
      const open = await manager.query<unknown[]>(
        `select 1 from (select finished_at, refusal from job_group where made_at >= $1 and made_at < $2 for update) g
         where finished_at is null and refusal is null limit 1`,
        within,
      );
      if (open.length > 0) return false;
      await dropTables(manager, month);
      await manager.query('delete from job_group where made_at >= $1 and made_at < $2', within);
      return true;
    });
    if (isDropped) this.log.info({ month: suffixOf(month) }, 'the jobs of a month are forgotten');
  }
}

async function dropTables(manager: EntityManager, month: Date): Promise<void> {
  for (const table of partitioned) await manager.query(`drop table if exists ${table}_${suffixOf(month)}`);
}

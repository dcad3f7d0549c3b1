import type { DataSource } from 'typeorm';

const groupsAtOnce = 100;

/** Forgets groups of which nobody will say anything any more. */
export class CleanUpStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Those whose last attempt ended so many days ago. @returns how many groups it forgot */
  async forget(keepDays: number): Promise<number> {
    for (let forgotten = 0; ;) {
      const [, count] = await this.dataSource.query<[unknown, number]>(
        `delete from job_group where id in (
           select id from job_group as old
           where accepted_at < now() - $1 * interval '1 day' and not exists (
             select 1 from attempt where group_id = old.id
               and (state <> 'ended' or ended_at > now() - $1 * interval '1 day'))
           order by accepted_at limit ${groupsAtOnce})`,
        [keepDays],
      );
      forgotten += count;
      if (count < groupsAtOnce) return forgotten;
    }
  }
}

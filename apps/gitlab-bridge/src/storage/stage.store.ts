import type { DataSource, EntityManager } from 'typeorm';
import { counts, heard, type Saying, type Stage, type StageNews } from '../domain/stage-news.js';

/** A saying about a group that may be a stage of a CI job. */
export interface SayingOf {
  readonly groupId: string;
  readonly saying: Saying;
}

interface StageRow {
  readonly group_id: string;
  readonly ci_job: string;
  readonly name: string;
  readonly jobs: number;
  readonly news: StageNews;
}

/** The stages of CI jobs, and what the grid says of them. */
export class StageStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly channel: string,
  ) {}

  async of(ciJob: string): Promise<readonly Stage[]> {
    const rows = await this.dataSource.query<StageRow[]>('select * from stage where ci_job = $1', [ciJob]);
    return rows.map(({ group_id: groupId, name, jobs, news }) => ({ groupId, name, jobs, news }));
  }

  /** Of the CI jobs of this copy that are worked at, something that changes with each thing that is noted. */
  async versions(holder: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.dataSource.query<{ ci_job: string; version: string }[]>(
      `select ci_job, string_agg(stage.xmin::text, ' ' order by group_id) as version
       from stage join ci_job on ci_job.id = ci_job where holder = $1 and phase = 'working' group by ci_job`,
      [holder],
    );
    return new Map(rows.map(({ ci_job, version }) => [ci_job, version]));
  }

  /** Which of these groups are stages of ours, and how many jobs they have. */
  async known(groupIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.dataSource.query<Pick<StageRow, 'group_id' | 'jobs'>[]>(
      'select group_id, jobs from stage where group_id = any($1::uuid[])',
      [groupIds],
    );
    return new Map(rows.map(({ group_id, jobs }) => [group_id, jobs]));
  }

  /** Notes what is said, in its order, and tells all copies of the service whose it is. */
  async note(sayings: readonly SayingOf[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const ids = [...new Set(sayings.map(({ groupId }) => groupId))];
      const rows = await manager.query<StageRow[]>(
        'select * from stage where group_id = any($1::uuid[]) order by group_id for update',
        [ids],
      );
      const changed: StageRow[] = [];
      for (const row of rows) {
        const own = sayings.filter(({ groupId }) => groupId === row.group_id).map(({ saying }) => saying);
        const counted = own.filter((saying) => counts(saying, row.jobs));
        if (counted.length === 0) continue;
        const news = counted.reduce(heard, row.news);
        changed.push({ ...row, news });
      }
      if (changed.length > 0) await write(manager, changed, this.channel);
    });
  }
}

/** PostgreSQL takes 8,000 bytes in a notification; an id has 36. */
const idsInOne = 200;

async function write(manager: EntityManager, rows: readonly StageRow[], channel: string): Promise<void> {
  await manager.query(
    `update stage set news = changed.news
     from jsonb_to_recordset($1::jsonb) as changed (group_id uuid, news jsonb)
     where stage.group_id = changed.group_id`,
    [JSON.stringify(rows.map(({ group_id, news }) => ({ group_id, news })))],
  );
  const ids = [...new Set(rows.map(({ ci_job }) => ci_job))];
  for (let from = 0; from < ids.length; from += idsInOne)
    await manager.query('select pg_notify($1, $2)', [channel, ids.slice(from, from + idsInOne).join(' ')]);
}

import { randomUUID } from 'node:crypto';
import { openDatabase } from '#database';
import { isolatedSchema } from '#lab';
import type { DataSource } from 'typeorm';
import { CiJobStore } from './ci-job.store.js';
import { storage } from './index.js';

// Real: PostgreSQL.
describe('a CI job that is over', () => {
  let dataSource: DataSource;
  beforeAll(async () => {
    const { url, schema } = await isolatedSchema(import.meta.url);
    dataSource = await openDatabase({ ...storage, url, schema });
  });
  afterAll(() => dataSource.destroy());

  const overSince = async (ciJobId: number, days: number | null): Promise<void> => {
    const id = randomUUID();
    await dataSource.query(
      `insert into ci_job (id, gitlab, gitlab_url, runner, ci_job_id, fields, phase, over_at)
       values ($1, 'main', 'https://gitlab.example.org', 'grid', $2, '{}', $3, now() - $4 * interval '1 day')`,
      [id, ciJobId, days === null ? 'working' : 'over', days],
    );
    await dataSource.query(`insert into stage (group_id, ci_job, name, jobs) values ($1, $2, 'job', 1)`, [
      randomUUID(),
      id,
    ]);
  };

  it('is forgotten with its stages once it is old enough; one that is not over never is', async () => {
    await overSince(1, 31);
    await overSince(2, 29);
    await overSince(3, null);
    expect(await new CiJobStore(dataSource).forget(30)).toBe(1);
    const left = await dataSource.query<{ ci_job_id: string }[]>(
      'select ci_job_id from ci_job join stage on stage.ci_job = ci_job.id order by ci_job_id',
    );
    expect(left.map(({ ci_job_id }) => ci_job_id)).toEqual(['2', '3']);
  });
});

import { randomUUID } from 'node:crypto';
import { openDatabase } from '#database';
import { isolatedSchema } from '#lab';
import type { DataSource } from 'typeorm';
import { storage } from '../storage/index.js';
import { makePartitions, monthAfter, suffixOf } from '../storage/partitions.js';
import { Retention } from './retention.js';

// Real: PostgreSQL.
describe('what is kept', () => {
  let dataSource: DataSource;
  const old = monthAfter(new Date(), -3);
  const younger = monthAfter(new Date(), -1);

  beforeAll(async () => {
    const { url, schema } = await isolatedSchema(import.meta.url);
    dataSource = await openDatabase({ ...storage, url, schema });
    for (const month of [old, younger])
      await dataSource.query(
        `create table job_${suffixOf(month)} partition of job
         for values from ('${month.toISOString()}') to ('${monthAfter(month, 1).toISOString()}')`,
      );
  });
  afterAll(() => dataSource.destroy());

  async function group(month: Date, isFinished: boolean): Promise<string> {
    const id = randomUUID();
    const at = new Date(month.getTime() + 86_400_000);
    await dataSource.query(
      `insert into job_group (id, made_at, name, project, labels, jobs, requested_by, requested_at, finished_at)
       values ($1, $2, 'a', 'higgs', '{}', 1, 'ada', $2, $3)`,
      [id, at, isFinished ? at : null],
    );
    await dataSource.query(
      `insert into job (id, made_at, group_id, index, key, variables) values ($1, $2, $3, 0, 'a', '{}')`,
      [randomUUID(), at, id],
    );
    return id;
  }
  const count = async (): Promise<number[]> => {
    const counts = ['job_group', 'job'].map((table) =>
      dataSource.query<{ rows: number }[]>(`select count(*)::int as rows from ${table}`),
    );
    return (await Promise.all(counts)).map(([row]) => row?.rows ?? NaN);
  };
  const round = (): Promise<void> =>
    new Retention(dataSource, 45, { info: () => undefined, warn: () => undefined }).round();

  it('is a month as a whole, until all of its groups are finished; months to come are there already', async () => {
    await group(old, true);
    const open = await group(old, false);
    await group(younger, true);
    await round();
    expect(await count()).toEqual([3, 3]);
    await dataSource.query('update job_group set finished_at = now() where id = $1', [open]);
    await round();
    expect(await count()).toEqual([1, 1]);
    await dataSource.transaction((manager) => makePartitions(manager));
    const ahead = suffixOf(monthAfter(new Date(), 2));
    const [found] = await dataSource.query<{ there: boolean }[]>(
      `select to_regclass('attempt_${ahead}') is not null as there`,
    );
    expect(found?.there).toBe(true);
  });
});

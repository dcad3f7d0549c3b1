import { openDatabase } from '#database';
import { isolatedSchema, waitFor } from '#lab';
import type { DataSource } from 'typeorm';
import { storage } from './index.js';
import { listResources } from './resource-list.js';
import { ResourceStore, type ResourceWrite } from './resource.store.js';

const author = { by: 'ada', via: 'api-key' };

describe('the store of resources, on a real PostgreSQL', () => {
  let dataSource: DataSource;
  let store: ResourceStore;

  beforeAll(async () => {
    dataSource = await openDatabase({ ...storage, ...(await isolatedSchema(import.meta.url)) });
    store = new ResourceStore(dataSource);
  });
  beforeEach(() => dataSource.query('truncate resource_version'));
  afterAll(() => dataSource.destroy());

  const write = (given: Partial<ResourceWrite> & { name: string }) =>
    dataSource.transaction((manager) =>
      store.write(manager, {
        kind: 'project',
        spec: { name: given.name },
        expected: 'anything',
        author,
        ...given,
      }),
    );
  const names = async (query: Partial<Parameters<typeof listResources>[1]> = {}) =>
    (await listResources(dataSource, { kind: 'project', limit: 50, ...query })).map(({ name }) => name);

  it('keeps every version with who made it, in the order of revisions', async () => {
    const first = await write({ name: 'atlas', expected: 'nothing' });
    const second = await write({ name: 'atlas', spec: { changed: true }, expected: { versions: [1] } });
    expect(first).toMatchObject({ version: 1, by: 'ada', via: 'api-key', spec: { name: 'atlas' } });
    expect(second).toMatchObject({ version: 2, id: first.id, spec: { changed: true } });
    expect(second.revision).toBeGreaterThan(first.revision);
    const history = await store.history('project', 'atlas', { limit: 10 });
    expect(history.map(({ version }) => version)).toEqual([2, 1]);
  });

  it('refuses what expects another state, and writes nothing then', async () => {
    await write({ name: 'atlas' });
    await expect(write({ name: 'atlas', expected: 'nothing' })).rejects.toMatchObject({
      code: 'resource.exists',
    });
    await expect(write({ name: 'atlas', expected: { versions: [7] } })).rejects.toMatchObject({
      code: 'resource.version_differs',
    });
    await expect(write({ name: 'cms', expected: { versions: [1] } })).rejects.toMatchObject({
      code: 'resource.not_found',
    });
    expect(await store.history('project', 'atlas', { limit: 10 })).toHaveLength(1);
  });

  it('lets one of many that expect the same version win', async () => {
    await write({ name: 'atlas' });
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => write({ name: 'atlas', spec: { n }, expected: { versions: [1] } })),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('makes revisions visible in their order: who comes later waits for who is writing', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    const change = { kind: 'project', spec: {}, expected: 'nothing', author } as const;
    const first = await store.write(runner.manager, { ...change, name: 'first' });
    const later = write({ name: 'second' });
    await waitFor(
      async () => (await dataSource.query<unknown[]>('select 1 from pg_locks where not granted')).length > 0,
      { what: 'the second to wait' },
    );
    expect(await names()).toEqual([]);
    await runner.commitTransaction();
    await runner.release();
    expect((await later).revision).toBeGreaterThan(first.revision);
  });

  it('removes by a version of its own, and makes another resource of the same name later', async () => {
    const first = await write({ name: 'atlas' });
    const gone = await write({ name: 'atlas', spec: undefined, expected: { versions: [1] } });
    expect(gone).toMatchObject({ gone: true, version: 2, spec: undefined, id: first.id });
    expect(await store.current('project', 'atlas')).toBeUndefined();
    const again = await write({ name: 'atlas', expected: 'nothing' });
    expect(again.version).toBe(3);
    expect(again.id).not.toBe(first.id);
    await expect(write({ name: 'atlas', expected: { versions: [1] } })).rejects.toMatchObject({
      code: 'resource.version_differs',
    });
  });

  it('tells the state at any time', async () => {
    const first = await write({ name: 'atlas', spec: { n: 1 } });
    await dataSource.query(`update resource_version set valid_from = valid_from - interval '1 hour'`);
    const begin = new Date(new Date(first.at).getTime() - 3_600_000);
    const second = await write({ name: 'atlas', spec: { n: 2 } });
    expect(await store.at('project', 'atlas', new Date(begin.getTime() - 1))).toBeUndefined();
    expect((await store.at('project', 'atlas', begin))?.spec).toEqual({ n: 1 });
    expect((await store.at('project', 'atlas', new Date(second.at)))?.spec).toEqual({ n: 2 });
    expect(await names({ at: new Date(begin.getTime() - 1) })).toEqual([]);
    expect(await names({ at: begin })).toEqual(['atlas']);
  });

  it('lists by name in pages, by a part of the name, and by project', async () => {
    for (const name of ['cms', 'atlas', 'lhcb', 'atlas-upgrade']) await write({ name });
    await write({ name: 'mine', project: 'atlas' });
    expect(await names({ limit: 2 })).toEqual(['atlas', 'atlas-upgrade']);
    expect(await names({ limit: 2, after: 'atlas-upgrade' })).toEqual(['cms', 'lhcb']);
    expect(await names({ q: 'ATLAS' })).toEqual(['atlas', 'atlas-upgrade']);
    expect(await names({ project: 'atlas' })).toEqual(['mine']);
  });

  it('knows who names a resource', async () => {
    await write({ name: 'atlas', refersTo: ['backend/grid'] });
    const naming = () => store.namedBy(dataSource.manager, 'backend', 'grid');
    expect((await naming()).map(({ name }) => name)).toEqual(['atlas']);
    await write({ name: 'atlas', refersTo: [] });
    expect(await naming()).toEqual([]);
  });
});

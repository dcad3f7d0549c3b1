import { openDatabase } from '#database';
import { isolatedSchema } from '#lab';
import type { DataSource } from 'typeorm';
import { storage } from '../storage/index.js';
import { ResourceStore } from '../storage/resource.store.js';
import { SnapshotStore } from '../storage/snapshot.store.js';
import { Companions } from './companion.js';
import { type SnapshotPage, Snapshots } from './snapshots.js';

// Real: PostgreSQL.
describe('a snapshot', () => {
  let dataSource: DataSource;
  let store: ResourceStore;
  let snapshots: Snapshots;

  beforeAll(async () => {
    dataSource = await openDatabase({ ...storage, ...(await isolatedSchema(import.meta.url)) });
    store = new ResourceStore(dataSource);
    snapshots = new Snapshots(new SnapshotStore(dataSource), new Companions());
  });
  beforeEach(async () => {
    await dataSource.query('truncate resource_version');
    await dataSource.query('alter sequence registry_revision restart');
  });
  afterAll(() => dataSource.destroy());

  const write = (name: string, spec?: object) =>
    dataSource.transaction((manager) =>
      store.write(manager, {
        kind: 'project',
        name,
        spec,
        expected: 'anything',
        author: { by: 'ada', via: 'api-key' },
      }),
    );
  const pagesSince = async (after: number): Promise<readonly SnapshotPage[]> => {
    const pages: SnapshotPage[] = [];
    for await (const page of snapshots.since(after)) pages.push(page);
    return pages;
  };

  it('of nothing is one empty page', async () => {
    expect(await pagesSince(0)).toEqual([{ after: 0, upTo: 0, isLast: true, isReset: false, items: [] }]);
  });

  it('has the latest state of each resource above the revision, removed ones included', async () => {
    await write('a', { name: 'a' });
    await write('b', { name: 'b' });
    await write('a', { name: 'a', changed: true });
    await write('b');
    await write('c', { name: 'c' });
    const [all] = await pagesSince(0);
    expect(all).toMatchObject({ after: 0, upTo: 5, isLast: true, isReset: false });
    expect(all?.items).toMatchObject([
      {
        kind: 'project',
        name: 'a',
        revision: 3,
        version: 2,
        by: 'ada',
        gone: false,
        spec: { changed: true },
      },
      { kind: 'project', name: 'b', revision: 4, gone: true },
      { kind: 'project', name: 'c', revision: 5 },
    ]);
    expect(all?.items[1]).not.toHaveProperty('spec');
    const [later] = await pagesSince(3);
    expect(later?.items.map(({ name }) => name)).toEqual(['b', 'c']);
    expect(await pagesSince(5)).toEqual([{ after: 5, upTo: 5, isLast: true, isReset: false, items: [] }]);
  });

  it('begins from nothing for a copy that knows more than there is', async () => {
    await write('a', { name: 'a' });
    expect(await pagesSince(7)).toMatchObject([{ after: 0, upTo: 1, isLast: true, isReset: true }]);
  });

  it('comes in pages that follow on each other, none of them too large for a message', async () => {
    for (let n = 0; n < 450; n++)
      await write(`p${n}`, { name: `p${n}`, text: n < 3 ? 'x'.repeat(900_000) : '' });
    const pages = await pagesSince(0);
    expect(pages.flatMap(({ items }) => items.map(({ name }) => name))).toHaveLength(450);
    expect(pages.length).toBeGreaterThan(4);
    for (const [index, page] of pages.entries()) {
      expect(page.after).toBe(pages[index - 1]?.upTo ?? 0);
      expect(page.isLast).toBe(index === pages.length - 1);
      expect(JSON.stringify(page).length).toBeLessThan(2_000_000);
    }
    expect(pages.at(-1)?.upTo).toBe(450);
  });

  it('of exactly as many as a page holds ends with a page that says so', async () => {
    for (let n = 0; n < 200; n++) await write(`p${n}`, { name: `p${n}` });
    const pages = await pagesSince(0);
    expect(pages.map(({ items, isLast }) => [items.length, isLast])).toEqual([
      [200, false],
      [0, true],
    ]);
  });

  it('taken while changes are made misses nothing that no announcement tells', async () => {
    for (let n = 0; n < 250; n++) await write(`p${n}`, { name: `p${n}` });
    const known = new Map<string, number>();
    let upTo = 0;
    for await (const page of snapshots.since(0)) {
      for (const { name, revision } of page.items) known.set(name, revision);
      upTo = page.upTo;
      if (!page.isLast) await write('p249', { name: 'p249', changed: true });
    }
    // The one that changed meanwhile has a revision above, and comes by its announcement or the next question.
    expect(upTo).toBe(250);
    expect(known.size).toBe(249);
    const [rest] = await pagesSince(upTo);
    expect(rest?.items.map(({ name }) => name)).toEqual(['p249']);
  });
});

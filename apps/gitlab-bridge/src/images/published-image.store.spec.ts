import { openDatabase } from '#database';
import { isolatedSchema } from '#lab';
import type { DataSource } from 'typeorm';
import { PublishedImages1830000000200 } from '../storage/migrations/1830000000200-published-images.js';
import { type ImageSaid, PublishedImageStore } from './published-image.store.js';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const said = (letter: string, second: number, over: Partial<ImageSaid> = {}): ImageSaid => ({
  registry: 'docker.io',
  repository: 'library/alpine',
  digest: digest(letter),
  cvmfsRepository: 'images.example.org',
  at: at(second),
  ...over,
});
const path = (letter: string): string => `/cvmfs/images.example.org/.trees/${letter}`;

describe('what is known to be on CVMFS, in a real PostgreSQL', () => {
  let dataSource: DataSource;
  let store: PublishedImageStore;

  beforeAll(async () => {
    const storage = { entities: [], migrations: [PublishedImages1830000000200] };
    dataSource = await openDatabase({ ...storage, ...(await isolatedSchema(import.meta.url)) });
    store = new PublishedImageStore(dataSource);
  });
  beforeEach(() => dataSource.query('truncate published_tree, published_tag'));
  afterAll(() => dataSource.destroy());

  const named = async (tag: string): Promise<readonly string[]> =>
    (await store.find({ registry: 'docker.io', repository: 'library/alpine', tag })).map((tree) => tree.path);
  const byDigest = async (letter: string): Promise<readonly string[]> =>
    (await store.find({ registry: 'docker.io', repository: 'library/alpine', digest: digest(letter) })).map(
      (tree) => tree.path,
    );

  it('is found by each of its tags and by its digest, with all its tags', async () => {
    await store.published(said('a', 1), path('a'), ['3', '3.20']);
    expect(await store.find({ registry: 'docker.io', repository: 'library/alpine', tag: '3' })).toEqual([
      { cvmfsRepository: 'images.example.org', digest: digest('a'), path: path('a'), tags: ['3', '3.20'] },
    ]);
    expect(await byDigest('a')).toEqual([path('a')]);
    expect(await named('4')).toEqual([]);
    expect(await store.find({ registry: 'docker.io', repository: 'library/debian', tag: '3' })).toEqual([]);
  });

  it('follows a tag to another image, whichever is heard of first', async () => {
    await store.published(said('b', 2), path('b'), ['3']);
    await store.published(said('a', 1), path('a'), ['3', '3.20']);
    expect(await named('3')).toEqual([path('b')]);
    expect(await named('3.20')).toEqual([path('a')]);
    expect(await byDigest('a')).toEqual([path('a')]);
  });

  it('is not found by a tag that was taken away, though that is heard twice, or before it was given', async () => {
    await store.untagged(said('a', 2), ['3']);
    await store.published(said('a', 1), path('a'), ['3', '3.20']);
    await store.untagged(said('a', 2), ['3']);
    expect(await named('3')).toEqual([]);
    expect(await named('3.20')).toEqual([path('a')]);
    await store.published(said('b', 3), path('b'), ['3']);
    await store.untagged(said('a', 4), ['3']);
    expect(await named('3')).toEqual([path('b')]);
  });

  it('is not begun from once it goes, and is again when it was published anew', async () => {
    await store.published(said('a', 1), path('a'), ['3']);
    await store.going(said('a', 2), path('a'));
    await store.published(said('a', 1), path('a'), ['3']);
    expect(await named('3')).toEqual([]);
    expect(await byDigest('a')).toEqual([]);
    await store.published(said('a', 3), path('a'), ['3']);
    expect(await named('3')).toEqual([path('a')]);
  });

  it('may be in several repositories of CVMFS, each with its own tags', async () => {
    await store.published(said('a', 1), path('a'), ['3']);
    const other = { cvmfsRepository: 'other.example.org' };
    await store.published(said('b', 1, other), '/cvmfs/other.example.org/b', ['3']);
    expect(await named('3')).toEqual([path('a'), '/cvmfs/other.example.org/b']);
  });
});

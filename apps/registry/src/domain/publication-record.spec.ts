import { heard, type PublicationRecord, type PublicationSaid } from './publication-record.js';

const image = {
  cvmfsRepository: 'unpacked.example.org',
  registry: 'r.example.org',
  repository: 'team/app',
  digest: `sha256:${'a'.repeat(64)}`,
  tags: ['v1'],
};
const second = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString();

const queued: PublicationSaid = {
  name: 'image.queued',
  at: second(1),
  data: { ...image, because: 'requested', attempt: 0, requestedAt: second(1) },
};
const fetching: PublicationSaid = {
  name: 'image.publishing',
  at: second(2),
  data: { ...image, step: 'fetch', attempt: 1, bytes: 100, bytesDone: 10 },
};
const failed: PublicationSaid = {
  name: 'image.publish_failed',
  at: second(3),
  data: {
    ...image,
    step: 'fetch',
    code: 'registry.unavailable',
    reason: 'no answer',
    willRetry: true,
    retryAt: second(13),
    attempt: 1,
    seconds: { total: 1 },
  },
};
const again: PublicationSaid = {
  name: 'image.publishing',
  at: second(13),
  data: { ...image, step: 'unpack', attempt: 2, filesDone: 5 },
};
const published: PublicationSaid = {
  name: 'image.published',
  at: second(14),
  data: {
    ...image,
    path: '/cvmfs/tree',
    links: ['/cvmfs/link:v1'],
    files: 10,
    directories: 1,
    bytes: 1000,
    attempt: 2,
    seconds: { total: 1 },
  },
};
const unpublishing: PublicationSaid = {
  name: 'image.unpublishing',
  at: second(20),
  data: { ...image, tags: [], path: '/cvmfs/tree', removedAfter: second(80) },
};
const unpublished: PublicationSaid = {
  name: 'image.unpublished',
  at: second(90),
  data: { ...image, tags: [], path: '/cvmfs/tree', unreferencedAt: second(20) },
};
const all = [queued, fetching, failed, again, published, unpublishing, unpublished];

const after = (...said: readonly PublicationSaid[]): PublicationRecord => {
  const [first, ...rest] = said;
  if (!first) throw new Error('nothing was said');
  return rest.reduce(heard, heard(undefined, first));
};

describe('what is known of a publication', () => {
  it('follows its events from the queue to its end', () => {
    const states = all.map((_, n) => after(...all.slice(0, n + 1)).state);
    const expected = [
      'waiting',
      'publishing',
      'retrying',
      'publishing',
      'published',
      'unpublishing',
      'unpublished',
    ];
    expect(states).toEqual(expected);
  });

  it('says how far each step is, with totals where they are known, and begins anew with each attempt', () => {
    expect(after(queued, fetching).steps).toMatchObject([{ step: 'fetch', bytesDone: 10, bytesTotal: 100 }]);
    expect(after(queued, fetching, failed, again).steps).toMatchObject([{ step: 'unpack', filesDone: 5 }]);
  });

  it('says why the last attempt failed, until one succeeds', () => {
    expect(after(queued, fetching, failed)).toMatchObject({
      retryAt: second(13),
      failure: { code: 'registry.unavailable', attempt: 1 },
    });
    expect(after(queued, fetching, failed, again).failure).toMatchObject({
      code: 'registry.unavailable',
      attempt: 1,
    });
    expect(after(...all.slice(0, 5)).failure).toBeUndefined();
  });

  it('is the same in whatever order and however often its events come', () => {
    for (let n = 1; n <= all.length; n++) {
      const inOrder = after(...all.slice(0, n));
      const last = all[n - 1];
      if (!last) continue;
      const { state, at, tags } = after(last, ...all.slice(0, n), ...all.slice(0, n).reverse());
      expect({ state, at, tags }).toEqual({ state: inOrder.state, at: inOrder.at, tags: inOrder.tags });
    }
  });

  it('counts the later stage of what happened in the same millisecond', () => {
    const atOnce = { ...published, at: fetching.at };
    expect(after(queued, atOnce, fetching).state).toBe('published');
  });

  it('gathers the links of a tree that got a further tag', () => {
    const more = { ...published, at: second(15), data: { ...published.data, links: ['/cvmfs/link:v2'] } };
    expect(after(published, more as PublicationSaid).result?.links).toEqual([
      '/cvmfs/link:v1',
      '/cvmfs/link:v2',
    ]);
  });
});

import { openDatabase, OutboxMessage } from '#database';
import { temporary, permanent } from '#errors';
import { isolatedSchema } from '#lab';
import type { DataSource } from 'typeorm';
import { treePath } from '../domain/layout.js';
import type { PublicationRequest } from '../domain/request.js';
import { CleanUpStore } from './clean-up.store.js';
import { storage } from './index.js';
import type { Publication } from './publication.entity.js';
import { PublicationStore, type Outcome } from './publication.store.js';
import { RequestStore } from './request.store.js';

const cvmfsRepository = 'unpacked.example.org';
const [a, b] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];

const request = (given: Partial<PublicationRequest> = {}): PublicationRequest => ({
  cvmfsRepository,
  registry: 'r.example.org',
  repository: 'team/app',
  name: ':v1',
  digest: a,
  pushedDigest: given.digest ?? a,
  platform: 'linux/amd64',
  imageSource: 'registry',
  pushedAt: new Date('2026-01-01T00:00:00Z'),
  requestedBy: 'message-1',
  traceparent: undefined,
  ...given,
});

const outcome = (publication: Publication): Outcome => ({
  publication,
  path: `/cvmfs/${cvmfsRepository}/${treePath(publication.digest)}`,
  files: 3,
  directories: 1,
  bytes: 12,
  reusedFiles: 0,
  leftOut: {},
  layers: [a],
  seconds: { total: 1 },
});

describe('the publisher’s tables, on a real PostgreSQL', () => {
  let dataSource: DataSource;
  let requests: RequestStore;
  let store: PublicationStore;
  let cleanUp: CleanUpStore;

  beforeAll(async () => {
    dataSource = await openDatabase({
      ...(await isolatedSchema(import.meta.url)),
      ...withoutSchema(storage),
    });
    requests = new RequestStore(dataSource);
    store = new PublicationStore(dataSource);
    cleanUp = new CleanUpStore(dataSource, (digest) => `/cvmfs/${cvmfsRepository}/${treePath(digest)}`);
  });
  beforeEach(() => dataSource.query('truncate publication, image_name, outbox'));
  afterAll(() => dataSource.destroy());

  const said = async (): Promise<string[]> =>
    (await dataSource.getRepository(OutboxMessage).find({ order: { position: 'ASC' } })).map(
      (entry) => entry.routingKey,
    );

  const published = async (digest: string): Promise<Publication> => {
    const publication = await begun(digest);
    const rows = await store.unlinked(cvmfsRepository, [digest]);
    await store.committed(
      [outcome(publication)],
      rows.map((row) => ({ row, path: 'link' })),
    );
    return publication;
  };
  const begun = async (digest: string): Promise<Publication> => {
    const publication = await store.begin(await stored(digest));
    if (!publication) throw new Error(`${digest} does not wait`);
    return publication;
  };
  const stored = async (digest: string): Promise<Publication> => {
    const found = await store.find(cvmfsRepository, digest);
    if (!found) throw new Error(`no publication of ${digest}`);
    return found;
  };

  it('is migrated once, however many copies open it', async () => {
    const { url } = await isolatedSchema(import.meta.url, 'copies');
    const copies = await Promise.all(
      [1, 2, 3].map(() => openDatabase({ ...storage, url, schema: 'stores_spec_copies' })),
    );
    await expect(copies[2]?.query('select * from migrations')).resolves.toHaveLength(
      storage.migrations.length,
    );
    await dataSource.query('drop schema stores_spec_copies cascade');
    await Promise.all(copies.map((copy) => copy.destroy()));
  });

  it('makes one publication of a storm of pushes of one image', async () => {
    await Promise.all([1, 2, 3, 4, 5].map((n) => requests.accept(request({ requestedBy: `message-${n}` }))));
    expect(await store.due(cvmfsRepository, 10, [])).toHaveLength(1);
  });

  it('lets the later of two pushes of a tag win, whatever order they arrive in', async () => {
    await requests.accept(request({ digest: b, pushedAt: new Date('2026-01-02T00:00:00Z') }));
    await requests.accept(request({ digest: a, pushedAt: new Date('2026-01-01T00:00:00Z') }));
    expect(await store.named(cvmfsRepository, b)).toHaveLength(1);
    expect(await store.named(cvmfsRepository, a)).toHaveLength(0);
  });

  it('leaves out what is under way, and what waits for its next attempt', async () => {
    await requests.accept(request({ digest: a }));
    await requests.accept(request({ digest: b, name: ':v2' }));
    expect((await store.due(cvmfsRepository, 10, [a])).map(({ digest }) => digest)).toEqual([b]);
    const error = temporary('registry.unavailable', 'no answer');
    const retryAt = new Date(Date.now() + 60_000);
    await store.failed(await begun(b), {
      error,
      step: 'fetch',
      seconds: { total: 1 },
      retryAt,
    });
    expect(await store.due(cvmfsRepository, 10, [a])).toEqual([]);
  });

  it('takes a fresh image before one that failed before', async () => {
    await requests.accept(request({ digest: a }));
    const error = temporary('registry.unavailable', 'no answer');
    await store.failed(await begun(a), {
      error,
      step: 'fetch',
      seconds: { total: 1 },
      retryAt: new Date(),
    });
    await requests.accept(request({ digest: b, name: ':v2' }));
    expect((await store.due(cvmfsRepository, 10, [])).map(({ digest }) => digest)).toEqual([b, a]);
  });

  it('tries a failed image anew when it is asked for again, but not when the same message comes twice', async () => {
    await requests.accept(request());
    const error = permanent('layer.path_escapes', 'the path leaves the tree');
    await store.failed(await begun(a), {
      error,
      step: 'unpack',
      seconds: { total: 1 },
      retryAt: undefined,
    });
    await requests.accept(request());
    expect(await stored(a)).toMatchObject({ state: 'failed', failureCode: 'layer.path_escapes' });
    await requests.accept(request({ requestedBy: 'message-2' }));
    expect(await stored(a)).toMatchObject({ state: 'waiting', attempt: 0, failureCode: null });
  });

  it('says each change of state in order', async () => {
    await requests.accept(request());
    await published(a);
    expect(await said()).toEqual(['image.queued.v1', 'image.publishing.v1', 'image.published.v1']);
    expect(await stored(a)).toMatchObject({ state: 'published', layers: [a] });
  });

  it('links a new tag of a published image without publishing it again', async () => {
    await requests.accept(request());
    await published(a);
    await requests.accept(request({ name: ':latest', requestedBy: 'message-2' }));
    expect(await store.due(cvmfsRepository, 10, [])).toEqual([]);
    expect((await store.unlinked(cvmfsRepository, [])).map(({ name }) => name)).toEqual([':latest']);
  });

  it('announces the end of a tree when its tag has moved on, and takes that back when a tag returns', async () => {
    await requests.accept(request());
    await published(a);
    await requests.accept(request({ digest: b, pushedAt: new Date('2026-01-02T00:00:00Z') }));
    await published(b);
    await cleanUp.announce(cvmfsRepository, 60);
    expect((await said()).at(-1)).toBe('image.unpublishing.v1');
    expect((await stored(a)).unreferencedAt).not.toBeNull();
    await requests.accept(request({ name: ':old' }));
    await cleanUp.announce(cvmfsRepository, 60);
    expect((await stored(a)).unreferencedAt).toBeNull();
    expect((await stored(b)).unreferencedAt).toBeNull();
  });

  it('keeps a tree until its grace period is over, then forgets it and says so', async () => {
    await requests.accept(request());
    await published(a);
    await requests.retire({ registry: 'r.example.org', repository: 'team/app', tag: 'v1', at: new Date() });
    await cleanUp.announce(cvmfsRepository, 3600);
    expect(await cleanUp.expired(cvmfsRepository, 3600)).toEqual({ publications: [], names: [] });
    const expired = await cleanUp.expired(cvmfsRepository, -1);
    expect(expired.publications.map(({ digest }) => digest)).toEqual([a]);
    expect(expired.names.map(({ name }) => name)).toEqual([':v1']);
    await cleanUp.removed(expired);
    expect(await stored(a)).toMatchObject({ state: 'unpublished' });
    expect((await said()).at(-1)).toBe('image.unpublished.v1');
  });

  it('publishes anew what was pushed again while it was being removed', async () => {
    await requests.accept(request());
    await published(a);
    await requests.retire({ registry: 'r.example.org', repository: 'team/app', at: new Date() });
    await cleanUp.announce(cvmfsRepository, 0);
    const expired = await cleanUp.expired(cvmfsRepository, -1);
    await requests.accept(request({ pushedAt: new Date(Date.now() + 1000), requestedBy: 'message-2' }));
    await cleanUp.removed(expired);
    expect(await stored(a)).toMatchObject({ state: 'waiting' });
    expect(await store.unlinked(cvmfsRepository, [a])).toHaveLength(1);
  });

  it('lets a push win over a deletion that happened before it', async () => {
    await requests.accept(request({ pushedAt: new Date('2026-01-03T00:00:00Z') }));
    const at = new Date('2026-01-02T00:00:00Z');
    expect(await requests.retire({ registry: 'r.example.org', repository: 'team/app', digest: a, at })).toBe(
      0,
    );
  });

  it('names the image that the tag names now as the predecessor', async () => {
    await requests.accept(request());
    await published(a);
    await requests.accept(request({ digest: b, pushedAt: new Date('2026-01-02T00:00:00Z') }));
    expect((await store.predecessor(await stored(b)))?.digest).toBe(a);
  });
});

const withoutSchema = ({ entities, migrations }: typeof storage) => ({ entities, migrations });

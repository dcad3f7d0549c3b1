import { openDatabase, OutboxMessage } from '#database';
import { isolatedSchema } from '#lab';
import type { DataSource } from 'typeorm';
import type { PublicationRequest, Withdrawal } from '../domain/request.js';
import { CleanUpStore } from './clean-up.store.js';
import { storage } from './index.js';
import type { Publication } from './publication.entity.js';
import { PublicationStore } from './publication.store.js';
import { RequestStore } from './request.store.js';
import { WithdrawalStore } from './withdrawal.store.js';

const cvmfsRepository = 'unpacked.example.org';
const digest = `sha256:${'a'.repeat(64)}`;
const image = { cvmfsRepository, registry: 'r.example.org', repository: 'team/app' };
const pushedAt = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');

const request = (given: Partial<PublicationRequest> = {}): PublicationRequest => ({
  ...image,
  name: ':v1',
  digest,
  pushedDigest: digest,
  platform: 'linux/amd64',
  imageSource: 'registry',
  pushedAt,
  requestedBy: 'message-1',
  traceparent: undefined,
  ...given,
});

const wish = (given: Partial<Withdrawal> = {}): Withdrawal => ({ ...image, now: false, at: later, ...given });

describe('what people want off CVMFS, on a real PostgreSQL', () => {
  let dataSource: DataSource;
  let requests: RequestStore;
  let publications: PublicationStore;
  let cleanUp: CleanUpStore;
  let withdrawals: WithdrawalStore;

  beforeAll(async () => {
    const { entities, migrations } = storage;
    dataSource = await openDatabase({ ...(await isolatedSchema(import.meta.url)), entities, migrations });
    requests = new RequestStore(dataSource);
    publications = new PublicationStore(dataSource);
    cleanUp = new CleanUpStore(dataSource, (of) => `/cvmfs/${of}`);
    withdrawals = new WithdrawalStore(dataSource, (repository, of) => `/cvmfs/${repository}/${of}`);
  });
  beforeEach(() => dataSource.query('truncate publication, image_name, outbox'));
  afterAll(() => dataSource.destroy());

  const published = async (): Promise<void> => {
    await requests.accept(request());
    const publication = await publications.begin(await stored());
    if (!publication) throw new Error('it does not wait');
    const rows = await publications.unlinked(cvmfsRepository, [digest]);
    const counts = { files: 1, directories: 1, bytes: 1, reusedFiles: 0, leftOut: {}, layers: [] };
    await publications.committed(
      [{ publication, path: 'tree', seconds: { total: 1 }, ...counts }],
      rows.map((row) => ({ row, path: 'link' })),
    );
  };
  const stored = async (): Promise<Publication> => {
    const found = await publications.find(cvmfsRepository, digest);
    if (!found) throw new Error('no such publication');
    return found;
  };
  const said = async (): Promise<string[]> =>
    (await dataSource.getRepository(OutboxMessage).find({ order: { position: 'ASC' } })).map(
      ({ routingKey }) => routingKey,
    );
  const round = async (graceSeconds: number) => {
    await cleanUp.announce(cvmfsRepository, graceSeconds);
    const expired = await cleanUp.expired(cvmfsRepository, graceSeconds);
    await cleanUp.removed(expired);
    return expired;
  };

  it('takes back at once what still waits for its turn, so that nobody begins it', async () => {
    await requests.accept(request());
    const waiting = await stored();
    // The name, and its publication.
    expect(await withdrawals.withdraw(wish({ tag: 'v1' }))).toBe(2);
    expect(await stored()).toMatchObject({ state: 'unpublished' });
    expect(await said()).toEqual(['image.queued.v1', 'image.unpublished.v1']);
    await expect(publications.begin(waiting)).resolves.toBeUndefined();
  });

  it('takes the link in the next round and keeps the tree for its grace period', async () => {
    await published();
    await withdrawals.withdraw(wish({ tag: 'v1' }));
    expect(await cleanUp.isHurried(cvmfsRepository)).toBe(true);
    const expired = await round(3600);
    expect(expired.names.map(({ name }) => name)).toEqual([':v1']);
    expect(expired.publications).toEqual([]);
    expect(await cleanUp.isHurried(cvmfsRepository)).toBe(false);
    expect((await said()).slice(-2)).toEqual(['image.unpublishing.v1', 'image.untagged.v1']);
  });

  it('does nothing more when the same message comes again', async () => {
    await published();
    await withdrawals.withdraw(wish({ digest, now: true }));
    expect(await withdrawals.withdraw(wish({ digest, now: true }))).toBe(1);
    await round(3600);
    const before = await said();
    expect(await withdrawals.withdraw(wish({ digest, now: true }))).toBe(0);
    await round(3600);
    expect(await said()).toEqual(before);
    expect(await stored()).toMatchObject({ state: 'unpublished', removeAt: null });
  });

  it('lets a push win that came after the wish, however late the message arrives', async () => {
    await published();
    await requests.accept(request({ pushedAt: new Date('2026-01-03T00:00:00Z'), requestedBy: 'message-2' }));
    expect(await withdrawals.withdraw(wish({ tag: 'v1', now: true }))).toBe(0);
    expect((await round(0)).publications).toEqual([]);
  });

  it('keeps the grace period of a tree that another tag still names', async () => {
    await published();
    await requests.accept(request({ name: ':v2' }));
    await withdrawals.withdraw(wish({ tag: 'v1', now: true }));
    expect((await round(3600)).publications).toEqual([]);
    expect(await stored()).toMatchObject({ removeAt: null, unreferencedAt: null });
  });

  it('says that a publication whose publisher died waits again', async () => {
    await requests.accept(request());
    await publications.begin(await stored());
    await publications.waitAgain(await stored());
    const entries = await dataSource.getRepository(OutboxMessage).find({ order: { position: 'ASC' } });
    expect(entries.at(-1)).toMatchObject({
      routingKey: 'image.queued.v1',
      payload: { because: 'interrupted', attempt: 1, tags: ['v1'] },
    });
  });
});

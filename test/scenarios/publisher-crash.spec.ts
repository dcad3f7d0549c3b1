import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor, type SpawnedService } from '#lab';
import { layerOfBytes, StandInRegistry, type Faults } from '../oci/stand-in-registry.js';
import { PublisherWorld } from './publisher-world.js';

const smallFiles = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: `dir-${n % 50}/file-${n}`, content: `file ${n}` }));

const isLayer = (path: string): boolean => path.includes('/blobs/');

describe('a publisher that is killed', () => {
  let world: PublisherWorld;
  let slow: StandInRegistry;
  let publisher: SpawnedService;

  beforeAll(async () => {
    slow = await StandInRegistry.start();
    world = await PublisherWorld.create({ testPath: import.meta.url, registries: [slow.host] });
  }, 60_000);
  beforeEach(async () => {
    publisher = await world.startPublisher();
  });
  afterEach(() => publisher.kill('SIGKILL'));
  afterAll(async () => {
    await world.close();
    await slow.stop();
  });

  const restart = async (): Promise<void> => {
    await publisher.kill('SIGKILL');
    publisher = await world.startPublisher();
  };
  const publishedOnce = async (digest: string): Promise<Record<string, unknown>> => {
    const { data } = await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    // A later image through the same lane: had the first been published twice, its event would have come before.
    const sentinel = await world.push('team/sentinel', 'v1', [[{ name: 'after', content: digest }]]);
    await world.announce({ repository: 'team/sentinel', tag: 'v1', digest: sentinel });
    await world.recorder.waitFor('image.published', (said) => said['digest'] === sentinel);
    const all = world.recorder.named('image.published').filter((event) => event.data['digest'] === digest);
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    return data;
  };

  it('before it acknowledged: the message comes again and is one publication', async () => {
    const digest = await world.push('team/unacknowledged', 'v1', [[{ name: 'a', content: 'b' }]]);
    await world.database.query('begin');
    await world.database.query('lock table publication in exclusive mode');
    await world.announce({ repository: 'team/unacknowledged', tag: 'v1', digest });
    await waitForBlockedQuery(world);
    await publisher.kill('SIGKILL');
    await world.database.query('rollback');
    await restart();
    await publishedOnce(digest);
  });

  it('in the middle of a download: the download is taken up again', async () => {
    const stalls: Faults = (path) => (isLayer(path) ? { kind: 'stall', afterBytes: 400_000 } : undefined);
    const layer = await layerOfBytes(1_000_000);
    const { digest } = slow.putImage('team/download', [layer], { tags: ['v1'] });
    slow.faults = (path, nth) => (path.endsWith(layer.digest) ? stalls(path, nth) : undefined);
    await world.announce({ registry: slow.host, repository: 'team/download', tag: 'v1', digest });
    await waitFor(() => slow.seen.some(({ path }) => path.endsWith(layer.digest)), { what: 'the download' });
    await publisher.kill('SIGKILL');
    slow.faults = () => undefined;
    await restart();
    const { path } = await publishedOnce(digest);
    expect((await readFile(join(String(path), 'data-1'))).length).toBe(1_000_000);
  });

  it('in the middle of unpacking: no half tree is seen, and the next one is whole', async () => {
    const files = smallFiles(20_000);
    const digest = await world.push('team/unpack', 'v1', [files]);
    await world.announce({ repository: 'team/unpack', tag: 'v1', digest });
    await waitFor(() => treesInTheMaking(world).length > 0, { what: 'a tree in the making', intervalMs: 2 });
    await publisher.kill('SIGKILL');
    expect(existsSync(world.link('team/unpack', 'v1'))).toBe(false);
    await restart();
    const { files: count } = await publishedOnce(digest);
    expect(count).toBeGreaterThanOrEqual(files.length);
    expect(treesInTheMaking(world)).toEqual([]);
  });

  it('between the CVMFS transaction and the database: it is found there and said once', async () => {
    const digest = await world.push('team/between', 'v1', [[{ name: 'a', content: 'between' }]]);
    await world.announce({ repository: 'team/between', tag: 'v1', digest });
    await world.recorder.waitFor(
      'image.publishing',
      (said) => said['digest'] === digest && said['step'] === 'fetch',
    );
    await world.database.query('begin');
    await world.database.query('select * from publication for update');
    await waitFor(() => existsSync(world.link('team/between', 'v1')), { what: 'the link' });
    await waitForBlockedQuery(world);
    await publisher.kill('SIGKILL');
    await world.database.query('rollback');
    expect(world.recorder.named('image.published').some(({ data }) => data['digest'] === digest)).toBe(false);
    await restart();
    const data = await publishedOnce(digest);
    expect(data).toMatchObject({ links: [world.link('team/between', 'v1')] });
  });

  it('while another copy stands by: that one goes on', async () => {
    const standby = await world.startPublisher();
    const files = smallFiles(20_000).map((file) => ({ ...file, name: `other/${file.name}` }));
    const digest = await world.push('team/standby', 'v1', [files]);
    await world.announce({ repository: 'team/standby', tag: 'v1', digest });
    await waitFor(() => treesInTheMaking(world).length > 0, { what: 'a tree in the making', intervalMs: 2 });
    await publisher.kill('SIGKILL');
    await publishedOnce(digest);
    await standby.kill();
  });

  it('by SIGTERM: it ends in time, and what it had begun is taken up by the next', async () => {
    const layer = await layerOfBytes(1_000_000, 7);
    const { digest } = slow.putImage('team/term', [layer], { tags: ['v1'] });
    slow.faults = (path) => (path.endsWith(layer.digest) ? { kind: 'stall', afterBytes: 1000 } : undefined);
    await world.announce({ registry: slow.host, repository: 'team/term', tag: 'v1', digest });
    await waitFor(() => slow.seen.some(({ path }) => path.endsWith(layer.digest)), { what: 'the download' });
    await publisher.kill('SIGTERM');
    expect(await publisher.exited).toBe(0);
    slow.faults = () => undefined;
    publisher = await world.startPublisher();
    await publishedOnce(digest);
  });
});

/** A statement of the publisher that waits for a lock which the test holds. */
function waitForBlockedQuery(world: PublisherWorld): Promise<unknown> {
  return waitFor(
    async () => (await world.database.query(`select 1 from pg_locks where not granted`)).rowCount,
    { what: 'a query that waits for the lock' },
  );
}

function treesInTheMaking(world: PublisherWorld): string[] {
  const everything = readdirSync(world.root, { recursive: true, encoding: 'utf8' });
  return everything.filter((path) => /(^|\/)tree-[0-9a-f-]{36}$/.test(path));
}

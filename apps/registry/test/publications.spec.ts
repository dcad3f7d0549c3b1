import { houseTokens, type Identity } from '#access';
import { type Bus, connectBus, silentLogger } from '#bus';
import { imagePublished, imagePublishing, imagePushed, imageQueued } from '#contracts';
import { waitFor, type SpawnedService } from '#lab';
import { openKeyRing } from '#secrets';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { registryWorld, type RegistryWorld } from './registry-world.js';

const image = (n: number) => ({
  cvmfsRepository: 'unpacked.example.org',
  registry: 'r.example.org',
  repository: 'team/app',
  digest: `sha256:${String(n).padStart(64, '0')}`,
  tags: [`v${n}`],
});
const outcome = {
  path: '/cvmfs/tree',
  links: [],
  files: 3,
  directories: 1,
  bytes: 5,
  attempt: 1,
  seconds: { total: 1 },
};

describe('what the registry hears of publications', () => {
  let world: RegistryWorld;
  let registry: SpawnedService;
  let bus: Bus;
  let database: Client;

  beforeAll(async () => {
    world = await registryWorld(import.meta.url);
    registry = await world.start();
    bus = connectBus({ url: world.amqpUrl, service: 'cvmfs-publisher', logger: silentLogger });
    await bus.started();
    database = new Client({
      connectionString: world.postgresUrl,
      options: `-c search_path=${world.schema}`,
    });
    await database.connect();
  }, 60_000);
  afterAll(async () => {
    await registry.kill('SIGKILL');
    await Promise.allSettled([bus.close(), database.end()]);
  });

  const queued = (n: number, id: string = randomUUID()): Promise<void> =>
    bus.publish(
      imageQueued,
      { ...image(n), because: 'requested', attempt: 0, requestedAt: '2026-01-01T00:00:00.000Z' },
      { id, time: '2026-01-01T00:00:00.000Z' },
    );
  const stateOf = async (n: number): Promise<string | undefined> => {
    const { rows } = await database.query<{ state: string }>(
      'select state from publication where digest = $1',
      [image(n).digest],
    );
    return rows[0]?.state;
  };
  const history = async (n: number): Promise<readonly string[]> => {
    const { rows } = await database.query<{ name: string }>(
      `select e.name from publication_event e join publication p on p.id = e.publication_id
       where p.digest = $1 order by e.at`,
      [image(n).digest],
    );
    return rows.map(({ name }) => name);
  };

  it('is kept once, however often and in whatever order it is said', async () => {
    const id = randomUUID();
    const time = '2026-01-01T00:00:10.000Z';
    await bus.publish(imagePublished, { ...image(1), ...outcome }, { time });
    await waitFor(async () => (await stateOf(1)) === 'published', { what: 'the published image' });
    await queued(1, id);
    await queued(1, id);
    const late = { step: 'fetch' as const, attempt: 1 };
    await bus.publish(imagePublishing, { ...image(1), ...late }, { time: '2026-01-01T00:00:05.000Z' });
    await waitFor(async () => (await history(1)).length === 3, { what: 'all three in the history' });
    expect(await stateOf(1)).toBe('published');
    expect(await history(1)).toEqual(['image.queued', 'image.publishing', 'image.published']);
  });

  it('is not lost when the registry is killed before it was written down', async () => {
    await database.query('begin');
    await database.query('lock table publication in exclusive mode');
    await queued(2);
    await waitFor(
      async () =>
        (await database.query(`select 1 from pg_locks where not granted and mode = 'RowExclusiveLock'`))
          .rowCount,
      { what: 'a statement that waits for this test' },
    );
    await registry.kill('SIGKILL');
    await database.query('rollback');
    expect(await stateOf(2)).toBeUndefined();
    registry = await world.start();
    await waitFor(async () => (await stateOf(2)) === 'waiting', { what: 'the queued image' });
    expect(await history(2)).toEqual(['image.queued']);
  });

  it('waits while the registry is away', async () => {
    await registry.kill('SIGKILL');
    await queued(3);
    registry = await world.start();
    await waitFor(async () => (await stateOf(3)) === 'waiting', { what: 'the queued image' });
  });

  it('also is that an image was pushed, by its tag and by its digest', async () => {
    const pushed = {
      registry: 'r.example.org',
      repository: 'team/other',
      tag: 'v1',
      digest: image(4).digest,
    };
    await bus.publish(imagePushed, { ...pushed, source: 'harbor', verified: true });
    await waitFor(async () => (await database.query('select 1 from image_heard')).rowCount === 2, {
      what: 'both names',
    });
  });

  it('is told to other services of the house that ask for themselves, and to nobody in somebody’s name', async () => {
    await bus.publish(imagePublished, { ...image(5), ...outcome });
    await waitFor(async () => (await stateOf(5)) === 'published', { what: 'the published image' });
    const itself: Identity = {
      subject: 'service:gitlab-bridge',
      name: 'gitlab-bridge',
      via: 'api-key',
      role: 'reader',
      groups: [],
    };
    const tokens = houseTokens(openKeyRing(world.env['SLIPWAY_KEY_RING'] ?? ''));
    const ask = (identity: Identity): Promise<Response> =>
      fetch(`${registry.url}/api/v1/publications?state=published&tag=v5`, {
        headers: { authorization: `Slipway ${tokens.issue(identity)}` },
      });
    const answer = await ask(itself);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      items: [{ digest: image(5).digest, tags: ['v5'], result: { path: outcome.path } }],
    });
    expect((await ask({ ...itself, subject: 'a person' })).status).toBe(401);
    expect((await ask({ ...itself, role: 'admin' })).status).toBe(401);
    const foreign = houseTokens(openKeyRing(`test:${Buffer.alloc(32).toString('base64')}`));
    const header = { authorization: `Slipway ${foreign.issue(itself)}` };
    expect((await fetch(`${registry.url}/api/v1/publications`, { headers: header })).status).toBe(401);
  });
});

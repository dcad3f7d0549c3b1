import type { DeadLetter, DeadLetterWithPayload, Diagnosis } from '#api';
import { type Bus, connectBus, silentLogger } from '#bus';
import { imageQueued } from '#contracts';
import { waitFor, type SpawnedService } from '#lab';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { type Asking, askingWith } from './asking.js';
import { registryWorld } from './registry-world.js';

const queue = 'registry.publications';

describe('dead letters and the diagnosis', () => {
  let registry: SpawnedService;
  let ask: Asking;
  let broker: ChannelModel;
  let channel: ConfirmChannel;
  let bus: Bus;

  beforeAll(async () => {
    const world = await registryWorld(import.meta.url);
    registry = await world.start();
    ask = askingWith(registry.url, await world.adminKey(registry));
    broker = await connect(world.amqpUrl);
    channel = await broker.createConfirmChannel();
    bus = connectBus({ url: world.amqpUrl, service: 'cvmfs-publisher', logger: silentLogger });
    await bus.started();
  }, 60_000);
  afterAll(async () => {
    await registry.kill('SIGKILL');
    await Promise.allSettled([broker.close(), bus.close()]);
  });

  /** A message that no contract knows: a dead letter at once. */
  const broken = async (payload: object): Promise<string> => {
    const id = randomUUID();
    const headers = {
      cloudEvents_specversion: '1.0',
      cloudEvents_id: id,
      cloudEvents_source: '/test',
      cloudEvents_type: imageQueued.type,
    };
    const options = { headers, contentType: 'application/json', messageId: id };
    channel.publish('slipway.events', imageQueued.routingKey, Buffer.from(JSON.stringify(payload)), options);
    await channel.waitForConfirms();
    return id;
  };
  const listed = async (): Promise<readonly DeadLetter[]> =>
    ((await ask('GET', `/api/v1/dead-letters?queue=${queue}`)).body as { items: DeadLetter[] }).items;
  const waitForDead = (id: string): Promise<unknown> =>
    waitFor(async () => (await listed()).some((letter) => letter.id === id), { what: 'the dead letter' });
  const diagnosis = async (): Promise<Diagnosis> => (await ask('GET', '/api/v1/diagnosis')).body as Diagnosis;

  it('are listed and shown with the reason and with what they say, but for what is sealed', async () => {
    const id = await broken({ wrong: true, secrets: [{ sealed: 'planted' }] });
    await waitForDead(id);
    expect((await listed()).find((letter) => letter.id === id)).toMatchObject({ queue, reason: 'invalid' });
    const shown = await ask('GET', `/api/v1/dead-letters/${queue}/${id}`);
    expect((shown.body as DeadLetterWithPayload).payload).toEqual({ wrong: true, secrets: [{}] });
    expect(shown.text).not.toContain('planted');
  });

  it('are told of in the diagnosis, until they are dropped, and who did it is written down', async () => {
    await waitFor(
      async () =>
        ((await ask('GET', '/api/v1/dead-letters')).body as { items: DeadLetter[] }).items.length === 2,
      { what: 'both queues that gave it up' },
    );
    const found = (await diagnosis()).items.find(({ name }) => name === 'dead letters');
    expect(found).toMatchObject({ ok: false, detail: `1 of ${queue}, 1 of registry.subscriptions` });
    const everywhere = (await ask('GET', '/api/v1/dead-letters')).body as { items: DeadLetter[] };
    for (const letter of everywhere.items)
      expect((await ask('DELETE', `/api/v1/dead-letters/${letter.queue}/${letter.id}`)).status).toBe(204);
    expect((await diagnosis()).items.find(({ name }) => name === 'dead letters')?.ok).toBe(true);
    const trail = (await ask('GET', '/api/v1/audit?kind=dead_letter')).body as { items: object[] };
    expect(trail.items).toContainEqual(expect.objectContaining({ action: 'dropped', detail: queue }));
  });

  it('are sent back into their queue', async () => {
    const id = await broken({ wrong: true });
    await waitForDead(id);
    expect((await ask('POST', `/api/v1/dead-letters/${queue}/${id}/replay`)).status).toBe(204);
    // Nothing has changed, so it is given up again.
    await waitForDead(id);
  });

  it('that are not there are 404, and so are queues that are not', async () => {
    for (const path of [`${queue}/none`, 'no.queue/none'])
      expect((await ask('GET', `/api/v1/dead-letters/${path}`)).status).toBe(404);
    expect((await ask('GET', '/api/v1/dead-letters?queue=no.queue')).status).toBe(404);
  });

  it('tell in the diagnosis what is well, and which service does not run', async () => {
    const cvmfsRepository = 'unpacked.example.org';
    const image = {
      registry: 'r.example.org',
      repository: 'a',
      digest: `sha256:${'a'.repeat(64)}`,
      tags: ['v1'],
    };
    const requestedAt = new Date(Date.now() - 3_600_000).toISOString();
    await bus.publish(imageQueued, {
      cvmfsRepository,
      ...image,
      because: 'requested',
      attempt: 0,
      requestedAt,
    });
    const { items } = await waitFor(
      async () =>
        [await diagnosis()].find((one) => one.items.some(({ name }) => name.endsWith(cvmfsRepository))),
      { what: 'the CVMFS repository' },
    );
    const named = (name: string): unknown => items.find((one) => one.name === name);
    expect(named('broker')).toMatchObject({ ok: true });
    expect(named('database')).toMatchObject({ ok: true });
    expect(named(`queue ${queue}`)).toMatchObject({ ok: true });
    expect(named('queue cvmfs-publisher.images')).toMatchObject({
      ok: false,
      advice: 'start cvmfs-publisher: no copy of it runs',
    });
    expect(named(`CVMFS repository ${cvmfsRepository}`)).toMatchObject({ ok: false });
  });

  it('are for admins alone', async () => {
    const made = await ask('POST', '/api/v1/api-keys', { name: 'reader', role: 'reader' });
    const reader = askingWith(registry.url, String((made.body as { key: unknown }).key));
    for (const path of ['dead-letters', `dead-letters/${queue}/x`, 'diagnosis'])
      expect((await reader('GET', `/api/v1/${path}`)).status).toBe(403);
  });
});

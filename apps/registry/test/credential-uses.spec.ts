import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeadLetter, ShownSecret } from '#api';
import { type Bus, connectBus, silentLogger } from '#bus';
import { credentialUsed } from '#contracts';
import { type SpawnedService, spawnService, waitFor } from '#lab';
import { type Asking, askingWith } from './asking.js';
import { startReceiver } from './receiver.js';
import { registryWorld } from './registry-world.js';

// Real: RabbitMQ, PostgreSQL, the registry and the relay as processes, and a receiver that speaks HTTP.
describe('the last use of a secret', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-uses-'));
  const services: SpawnedService[] = [];
  let relay: SpawnedService;
  let ask: Asking;
  let bus: Bus;

  beforeAll(async () => {
    const world = await registryWorld(import.meta.url);
    const registry = await world.start({ SLIPWAY_SUBSCRIPTION_NETWORKS: '127.0.0.1/32' });
    services.push(registry);
    ask = askingWith(registry.url, await world.adminKey(registry));
    relay = await spawnService('webhook-relay', {
      ...world.env,
      SLIPWAY_REGISTRY: 'on',
      SLIPWAY_STATE_DIRECTORY: directory,
    });
    services.push(relay);
    bus = connectBus({ url: world.amqpUrl, service: 'cvmfs-publisher', logger: silentLogger });
    await bus.started();
  }, 120_000);
  afterAll(async () => {
    await Promise.allSettled([bus.close(), ...services.map((service) => service.kill('SIGKILL'))]);
    rmSync(directory, { recursive: true, force: true });
  });

  const make = async (plural: string, spec: object): Promise<void> => {
    const { status, text } = await ask('POST', `/api/v1/${plural}`, spec);
    if (status !== 201) throw new Error(text);
  };
  const secretsOf = async (credential: string): Promise<readonly ShownSecret[]> =>
    ((await ask('GET', `/api/v1/credentials/${credential}`)).body as { secrets: ShownSecret[] }).secrets;
  const post = async (secret: string): Promise<number> => {
    const body = JSON.stringify({ object_kind: 'unknown', project: { id: 1 } });
    const headers = { 'content-type': 'application/json', 'x-gitlab-token': secret };
    return (await fetch(`${relay.url}/hooks/forge`, { method: 'POST', body, headers })).status;
  };

  it('is known of the one that verified a webhook, and of no other', async () => {
    const [old, fresh] = ['the old secret of the hook', 'the new secret of the hook'];
    await make('credentials', { name: 'hook', type: 'webhook-secret', secret: old });
    await ask('POST', '/api/v1/credentials/hook/rotate', { secret: fresh, overlap: '1h' });
    await make('sources', { name: 'forge', kind: 'gitlab', secrets: [{ credential: 'hook' }] });
    await waitFor(async () => (await post('no secret at all')) === 401, { what: 'the source' });
    const before = (await ask('GET', '/api/v1/credentials/hook')).headers.get('etag') ?? '';
    expect(await post(old)).toBe(202);
    const [newest, oldest] = await waitFor(
      async () => [await secretsOf('hook')].find((all) => all.some(({ lastUsedAt }) => lastUsedAt)),
      { what: 'the use to be known' },
    );
    expect(oldest).toMatchObject({ lastUsedBy: 'webhook-relay: source forge' });
    expect(Date.now() - Date.parse(oldest?.lastUsedAt ?? '')).toBeLessThan(3_600_000);
    expect(newest).not.toHaveProperty('lastUsedAt');
    // A use is no new version, and who has the version must see it all the same.
    const again = await ask('GET', '/api/v1/credentials/hook', undefined, { 'if-none-match': before });
    expect([again.status, again.headers.get('etag')]).toEqual([200, before]);
    expect(again.text).toContain('webhook-relay');
  });

  it('stays the latest, whatever is said late, twice or of a time to come', async () => {
    await make('credentials', { name: 'login', type: 'registry-login', username: 'robot', secret: 'pass' });
    const [secret] = await secretsOf('login');
    if (!secret) throw new Error('it has no secret');
    const say = (at: string, purpose: string, id: string = randomUUID()): Promise<void> =>
      bus.publish(credentialUsed, { name: 'login', secret: secret.id, purpose }, { id, time: at });
    const shown = async () => (await secretsOf('login'))[0];
    const until = (purpose: string) =>
      waitFor(async () => (await shown())?.lastUsedBy === `cvmfs-publisher: ${purpose}`, { what: purpose });
    const twice = randomUUID();
    await say('2026-01-02T00:00:00.000Z', 'second', twice);
    await until('second');
    await say('2026-01-01T00:00:00.000Z', 'first');
    await say('2026-01-02T00:00:00.000Z', 'second', twice);
    await bus.publish(credentialUsed, { name: 'gone', secret: randomUUID(), purpose: 'nothing' });
    await say('2026-01-03T00:00:00.000Z', 'third');
    await until('third');
    expect((await shown())?.lastUsedAt).toBe('2026-01-03T00:00:00.000Z');
    await say('2999-01-01T00:00:00.000Z', 'fast clock');
    await until('fast clock');
    expect(Date.parse((await shown())?.lastUsedAt ?? '')).toBeLessThanOrEqual(Date.now());
    await say(new Date().toISOString(), 'after it');
    await until('after it');
    const dead = (await ask('GET', '/api/v1/dead-letters')).body as { items: DeadLetter[] };
    expect(dead.items).toEqual([]);
  });

  it('is known of one that signs for a subscription, and not sent to any', async () => {
    const receiver = await startReceiver({ '/refuses': (response) => response.writeHead(500).end() });
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    for (const name of ['takes', 'refuses']) {
      const url = `http://127.0.0.1:${receiver.port}/${name}`;
      await make('credentials', { name, type: 'webhook-secret', secret });
      await make('subscriptions', {
        name,
        url,
        credential: name,
        events: ['credential.#', 'project.changed'],
      });
    }
    await make('projects', { name: 'atlas', kind: 'repository', url: 'https://example.org/atlas' });
    await waitFor(async () => (await secretsOf('takes'))[0]?.lastUsedBy === 'registry: subscription takes', {
      what: 'the use to be known',
    });
    await waitFor(() => receiver.at('/refuses').length > 0, { what: 'the other delivery' });
    expect((await secretsOf('refuses'))[0]).not.toHaveProperty('lastUsedAt');
    expect(receiver.received.filter(({ event }) => event.type.includes('credential.used'))).toEqual([]);
    receiver.close();
  });
});

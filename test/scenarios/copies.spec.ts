import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  directoryEnvironment,
  newBootstrapKey,
  newKeyRing,
  partnersEnvironment,
  type RabbitmqServer,
  startRabbitmq,
} from '#embedded';
import { isolatedSchema, spawnService, waitFor, type SpawnedService } from '#lab';

// Real: the registry with PostgreSQL, three relays and three publishers as processes, a RabbitMQ of this file's own.
const directory = mkdtempSync(join(tmpdir(), 'slipway-copies-'));
const bootstrap = newBootstrapKey();
const services: SpawnedService[] = [];
let broker: RabbitmqServer;
let environment: Record<string, string>;
let registrySchema: string;
let publisherSchema: string;
let registry: SpawnedService;
let relays: SpawnedService[];
let publishers: SpawnedService[];
let key = '';

async function start(name: string, more: Readonly<Record<string, string>> = {}): Promise<SpawnedService> {
  const service = await spawnService(name, { ...environment, ...more }, { readyDeadlineMs: 90_000 });
  services.push(service);
  return service;
}

const startRegistry = (): Promise<SpawnedService> =>
  start('registry', { SLIPWAY_POSTGRES_SCHEMA: registrySchema, SLIPWAY_BOOTSTRAP_KEY: bootstrap });

const startFollower = (name: string, n: number): Promise<SpawnedService> =>
  start(name, {
    SLIPWAY_REGISTRY: 'on',
    SLIPWAY_POSTGRES_SCHEMA: publisherSchema,
    ...directoryEnvironment(join(directory, `${name}-${n}`)),
  });

const three = (name: string): Promise<SpawnedService[]> =>
  Promise.all([1, 2, 3].map((n) => startFollower(name, n)));

/** Rejects where the registry is not there, or answers something else. */
async function ask<T = { revision: number }>(
  method: string,
  path: string,
  body?: object,
  token = key,
): Promise<T> {
  const response = await fetch(`${registry.url}/api/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json' }),
      ...(method !== 'POST' && method !== 'GET' && { 'if-match': '*' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} from ${method} ${path}: ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}

const credential = (description: string, more: object = {}): object => ({
  name: 'hook',
  type: 'webhook-secret',
  description,
  ...more,
});

/** The revision up to which a service says that it knows everything. */
async function revisionOf({ url }: SpawnedService): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  return Number(/^slipway_registry_copy_revision(?:\{[^}]*\})? (\d+)$/m.exec(page)?.[1] ?? -1);
}

async function untilKnown(revision: number, copies: readonly SpawnedService[]): Promise<void> {
  for (const copy of copies) {
    await waitFor(async () => (await revisionOf(copy)) >= revision, {
      what: `revision ${revision} in ${copy.url}`,
      deadlineMs: 90_000,
    });
  }
}

const everybody = (): SpawnedService[] => [...relays, ...publishers];

async function post(relay: SpawnedService, secret: string): Promise<number> {
  const body = JSON.stringify({ object_kind: 'unknown', project: { id: 1 } });
  const response = await fetch(`${relay.url}/hooks/forge`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-gitlab-token': secret,
      'x-gitlab-event': 'Unknown Hook',
      'x-gitlab-event-uuid': randomUUID(),
    },
  });
  await response.text();
  return response.status;
}

beforeAll(async () => {
  broker = await startRabbitmq({ directory: join(directory, 'rabbitmq') });
  const { url, schema } = await isolatedSchema(import.meta.url);
  registrySchema = schema;
  publisherSchema = (await isolatedSchema(import.meta.url, 'publisher')).schema;
  environment = partnersEnvironment({ amqpUrl: broker.url, keyRing: newKeyRing('test'), postgres: { url } });
  registry = await startRegistry();
  key = (await ask<{ key: string }>('POST', 'api-keys', { name: 'test', role: 'admin' }, bootstrap)).key;
  [relays, publishers] = await Promise.all([three('webhook-relay'), three('cvmfs-publisher')]);
}, 300_000);

afterAll(async () => {
  await Promise.all(services.map((service) => service.kill('SIGKILL')));
  await broker.kill();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

describe('three copies of each service', () => {
  const first = 'the first secret of the hook';
  const second = 'the second secret of the hook';

  it('learn each what is made, changed and rotated, and work with it', async () => {
    await ask('POST', 'credentials', credential('made', { secret: first }));
    const made = await ask('POST', 'sources', {
      name: 'forge',
      kind: 'gitlab',
      secrets: [{ credential: 'hook' }],
    });
    await untilKnown(made.revision, everybody());
    for (const relay of relays) expect(await post(relay, first)).toBe(202);
    for (const relay of relays) expect(await post(relay, second)).toBe(401);
    await ask('POST', 'credentials/hook/rotate', { secret: second, overlap: '1h' });
    const { revision } = await ask('GET', 'credentials/hook');
    await untilKnown(revision, everybody());
    for (const relay of relays) {
      expect(await post(relay, first)).toBe(202);
      expect(await post(relay, second)).toBe(202);
    }
  });

  it('learn what was committed by a registry that was killed before it could say so', async () => {
    let last = 0;
    const changing = (async () => {
      for (let n = 0; ; n++) {
        const made = await ask('PUT', 'credentials/hook', credential(`change ${n}`));
        last = made.revision;
      }
    })().catch(() => {});
    await waitFor(() => last > 0, { what: 'the first change' });
    await registry.kill('SIGKILL');
    await changing;
    registry = await startRegistry();
    const { revision } = await ask('GET', 'credentials/hook');
    expect(revision).toBeGreaterThanOrEqual(last);
    await untilKnown(revision, everybody());
  });

  it('learn what was changed while the broker was away, when it is back', async () => {
    await broker.stop();
    const { revision } = await ask('PUT', 'credentials/hook', credential('without a broker'));
    await broker.restart();
    await untilKnown(revision, everybody());
    for (const relay of relays) expect(await post(relay, second)).toBe(202);
  });

  it('catch up when they were away themselves', async () => {
    const [relay, publisher] = [relays.shift(), publishers.shift()];
    await Promise.all([relay?.kill('SIGTERM'), publisher?.kill('SIGKILL')]);
    await ask('PUT', 'credentials/hook', credential('with two copies less'));
    await ask('DELETE', 'sources/forge');
    const { revision } = await ask('POST', 'sources', {
      name: 'forge-2',
      kind: 'gitlab',
      secrets: [{ credential: 'hook' }],
    });
    relays.push(await startFollower('webhook-relay', 1));
    publishers.push(await startFollower('cvmfs-publisher', 1));
    await untilKnown(revision, everybody());
    for (const each of relays) expect(await post(each, second)).toBe(404);
  });

  it('keep no secret in the open on disk or in a log', () => {
    const written = services.flatMap((service) => service.logs()).join('\n');
    for (const secret of [first, second]) expect(written).not.toContain(secret);
  });
});

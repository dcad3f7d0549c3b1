import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partnersEnvironment } from '#embedded';
import { isolatedVhost, type IsolatedVhost, spawnService, type SpawnedService, waitFor } from '#lab';
import { keyRingText, StandInRegistry } from '../../../test/stand-ins/registry.js';
import { standardSignature } from './signatures.js';
import { nextSigningKey, signingKey } from './sources.js';

// Real: the relay as a process, HTTP, RabbitMQ. The registry is a stand-in.
let vhost: IsolatedVhost;
let registry: StandInRegistry;
let relay: SpawnedService;
const directory = mkdtempSync(join(tmpdir(), 'slipway-relay-copy-'));

const startRelay = (
  more: Readonly<Record<string, string>> = {},
  until: 'ready' | 'alive' = 'ready',
): Promise<SpawnedService> =>
  spawnService(
    'webhook-relay',
    {
      ...partnersEnvironment({ amqpUrl: vhost.url, keyRing: keyRingText }),
      SLIPWAY_REGISTRY: 'on',
      SLIPWAY_STATE_DIRECTORY: directory,
      ...more,
    },
    { until },
  );

beforeAll(async () => {
  vhost = await isolatedVhost(import.meta.url);
  registry = new StandInRegistry(vhost.url);
  await registry.start();
  relay = await startRelay();
});
afterAll(async () => {
  await relay.kill('SIGKILL');
  await registry.stop();
  rmSync(directory, { recursive: true, force: true });
});

const rate = { perSecond: 100_000, burst: 100_000 };
const source = (name: string, more: object = {}): object => ({
  name,
  kind: 'standard-webhooks',
  secrets: [{ credential: `${name}-secret` }],
  rate,
  ...more,
});
const credential = (name: string): object => ({ name: `${name}-secret`, type: 'webhook-secret' });

async function register(name: string, more: object = {}): Promise<void> {
  await registry.change('credential', `${name}-secret`, credential(name), {
    secrets: [{ secret: signingKey }],
  });
  await registry.change('source', name, source(name, more));
}

async function post(name: string, key = signingKey, at = relay): Promise<number> {
  const body = JSON.stringify({ type: 'tick', data: {} });
  const response = await fetch(`${at.url}/hooks/${name}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...standardSignature(key, randomUUID(), body) },
  });
  await response.text();
  return response.status;
}

const untilAnswered = (name: string, status: number, key = signingKey, at = relay): Promise<unknown> =>
  waitFor(async () => (await post(name, key, at)) === status, { what: `${status} from ${name}` });

const untilUnready = (at: typeof relay, reason: string): Promise<unknown> =>
  waitFor(
    async () => {
      const ready = await fetch(`${at.url}/health/ready`);
      return ready.status === 503 && (await ready.text()).includes(reason);
    },
    { what: `503 for readiness: ${reason}` },
  );

describe('sources from the registry', () => {
  it('are live when they are made, changed and removed, without a restart', async () => {
    expect(await post('made')).toBe(404);
    await register('made', { bodyLimit: '1 KiB' });
    await untilAnswered('made', 202);
    await registry.change('source', 'made', source('made', { bodyLimit: 10 }));
    await untilAnswered('made', 413);
    await registry.change('source', 'made', source('made'));
    await untilAnswered('made', 202);
    await registry.change('source', 'made');
    await untilAnswered('made', 404);
  });

  it('take old and new secret while it is rotated, and the old one no longer than it is valid', async () => {
    await register('rotated');
    await untilAnswered('rotated', 202);
    const rotate = (validUntil: string) =>
      registry.change('credential', 'rotated-secret', credential('rotated'), {
        secrets: [{ secret: nextSigningKey }, { secret: signingKey, validUntil }],
      });
    await rotate('2100-01-01T00:00:00.000Z');
    await untilAnswered('rotated', 202, nextSigningKey);
    expect(await post('rotated', signingKey)).toBe(202);
    await rotate('2020-01-01T00:00:00.000Z');
    await untilAnswered('rotated', 401, signingKey);
    expect(await post('rotated', nextSigningKey)).toBe(202);
    // The end of the overlap comes without anybody saying so.
    await rotate(new Date(Date.now() + 3_000).toISOString());
    await untilAnswered('rotated', 202, signingKey);
    await untilAnswered('rotated', 401, signingKey);
    expect(await post('rotated', nextSigningKey)).toBe(202);
  });

  it('drop no delivery while they change', async () => {
    await register('busy');
    await untilAnswered('busy', 202);
    const over = new AbortController();
    const statuses: number[] = [];
    const lane = async (): Promise<void> => {
      while (!over.signal.aborted) statuses.push(await post('busy'));
    };
    const lanes = [lane(), lane(), lane()];
    for (let n = 1; n <= 20; n++) {
      await registry.change('source', 'busy', source('busy', { bodyLimit: `${n + 10} KiB` }));
      const secrets = [{ secret: signingKey }, { secret: nextSigningKey }];
      await registry.change('credential', 'busy-secret', credential('busy'), { secrets });
    }
    const seen = statuses.length;
    await waitFor(() => statuses.length > seen + 20, { what: 'deliveries after the last change' });
    over.abort();
    await Promise.all(lanes);
    expect(new Set(statuses)).toEqual(new Set([202]));
  });

  it('that cannot verify anything for want of a secret ask to be sent again later; the others go on', async () => {
    await register('whole');
    await registry.change('source', 'lacking', source('lacking', { secrets: [{ env: 'NOT_SET' }] }));
    await untilAnswered('lacking', 503);
    expect(await post('whole')).toBe(202);
    expect(relay.logs().join('\n')).toContain('NOT_SET');
  });

  it('show none of their secrets in the log', () => {
    expect(relay.logs().join('\n')).not.toContain(signingKey.slice(6));
  });
});

describe('a relay with a copy of the registry', () => {
  it('works from its file when registry and queue are gone, and learns the rest when they are back', async () => {
    await register('kept');
    await untilAnswered('kept', 202);
    await relay.kill('SIGTERM');
    await registry.stop();
    await vhost.api('DELETE', 'queues/%v/registry.catch-ups');
    relay = await startRelay();
    expect(await post('kept')).toBe(202);
    expect(await post('later')).toBe(404);
    await registry.change('credential', 'later-secret', credential('later'), {
      secrets: [{ secret: signingKey }],
      isAnnounced: false,
    });
    await registry.change('source', 'later', source('later'), { isAnnounced: false });
    await registry.start();
    await untilAnswered('later', 202);
  });

  it('that was killed in the middle of changes has a whole file', async () => {
    await register('killed');
    for (let n = 0; n < 10; n++)
      void registry.change('source', 'killed', source('killed', { bodyLimit: 1000 + n }));
    await relay.kill('SIGKILL');
    relay = await startRelay();
    await untilAnswered('killed', 202);
    expect(relay.logs().join('\n')).not.toContain('damaged');
  });

  it('is not ready, and asks senders to come back, before it knows anything', async () => {
    await registry.stop();
    const empty = mkdtempSync(join(tmpdir(), 'slipway-relay-copy-'));
    const fresh = await startRelay({ SLIPWAY_STATE_DIRECTORY: empty }, 'alive');
    try {
      // The server that answers while the service starts gives way to the service's own in between.
      await untilUnready(fresh, 'the registry has said nothing yet');
      expect(await post('kept', signingKey, fresh)).toBe(503);
      await registry.start();
      await waitFor(async () => (await fetch(`${fresh.url}/health/ready`)).ok, { what: 'readiness' });
      expect(await post('kept', signingKey, fresh)).toBe(202);
    } finally {
      await fresh.kill('SIGKILL');
      rmSync(empty, { recursive: true, force: true });
    }
  });

  it('does not start without the keys that open the secrets, and says so', async () => {
    await expect(startRelay({ SLIPWAY_KEY_RING: '' })).rejects.toThrow(/SLIPWAY_KEY_RING/);
  });
});

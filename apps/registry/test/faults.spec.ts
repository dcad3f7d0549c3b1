import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page, PastRepresentation, Representation } from '#api';
import { type PostgresServer, startPostgres } from '#embedded';
import { type SpawnedService, waitFor } from '#lab';
import { Client } from 'pg';
import { recordEvents, type Recorder } from '../../../test/scenarios/recorder.js';
import { type Asking, askingWith } from './asking.js';
import { registryWorld, type RegistryWorld } from './registry-world.js';

const project = (name: string, description = '') => ({
  name,
  kind: 'repository',
  url: `https://example.org/${name}`,
  description,
});
const versioned = (version: number) => ({ 'if-match': `"${version}"` });

describe('a registry of two copies whose surroundings fail', () => {
  let directory: string;
  let postgres: PostgresServer;
  let world: RegistryWorld;
  let env: Record<string, string>;
  let copies: readonly SpawnedService[] = [];
  let recorder: Recorder;
  let key: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-registry-'));
    // Its own, and one that keeps what it has confirmed: it is stopped and killed in the middle of everything.
    postgres = await startPostgres({ directory });
    world = await registryWorld(import.meta.url);
    env = { SLIPWAY_POSTGRES_URL: postgres.url, SLIPWAY_POSTGRES_SCHEMA: 'registry' };
    copies = await Promise.all([world.start(env), world.start(env)]);
    recorder = await recordEvents(world.amqpUrl);
    key = await world.adminKey(copyOf(0));
  });
  afterAll(async () => {
    await Promise.all(copies.map((copy) => copy.kill('SIGKILL')));
    await recorder.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const asking = (copy: 0 | 1): Asking => askingWith(copyOf(copy).url, key);
  const copyOf = (index: 0 | 1): SpawnedService => {
    const copy = copies[index];
    if (!copy) throw new Error('the copies are not started');
    return copy;
  };
  const published = (name: string) =>
    recorder.named('project.changed').filter(({ data }) => data['name'] === name);
  /** What is published of every project must be exactly what is in its history, each version under one id. */
  const publishedIsWhatWasCommitted = async (names: readonly string[]): Promise<void> => {
    for (const name of names) {
      const { body } = await asking(0)('GET', `/api/v1/projects/${name}/history?limit=200`);
      const versions = (body as Page<PastRepresentation>).items
        .map(({ version }) => version)
        .toSorted((a, b) => a - b);
      await waitFor(
        () => new Set(published(name).map(({ data }) => data['version'])).size >= versions.length,
        {
          what: `all versions of ${name} on the bus`,
        },
      );
      const ids = new Map(published(name).map(({ id, data }) => [id, data['version']]));
      expect([...ids.values()].map(Number).toSorted((a, b) => a - b)).toEqual(versions);
    }
  };

  it('lets one of two admins win who change the same version at the same time on two copies', async () => {
    await asking(0)('POST', '/api/v1/projects', project('contended'));
    for (let version = 1; version <= 5; version++) {
      const answers = await Promise.all(
        ([0, 1] as const).map((copy) =>
          asking(copy)(
            'PUT',
            '/api/v1/projects/contended',
            project('contended', `${version} by ${copy}`),
            versioned(version),
          ),
        ),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 412)).toHaveLength(1);
    }
    await publishedIsWhatWasCommitted(['contended']);
  });

  it('publishes what was committed before it was killed, and says it once', async () => {
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    try {
      // Whoever holds it speaks: as long as we do, nothing that is committed is published.
      await client.query(`select pg_advisory_lock(hashtext('registry.outbox'))`);
      const answer = await asking(0)('POST', '/api/v1/projects', project('unsaid'));
      expect(answer.status).toBe(201);
      await Promise.all(copies.map((copy) => copy.kill('SIGKILL')));
      expect(published('unsaid')).toEqual([]);
    } finally {
      await client.end();
    }
    copies = await Promise.all([world.start(env), world.start(env)]);
    await publishedIsWhatWasCommitted(['unsaid']);
  });

  it('loses no accepted change and publishes no other while the database stops and starts under load', async () => {
    const load = startLoad([asking(0), asking(1)]);
    for (let outage = 0; outage < 2; outage++) {
      const before = load.accepted.size;
      await waitFor(() => load.accepted.size > before + 20, { what: 'accepted changes' });
      // The second time as a power cut would.
      await (outage === 0 ? postgres.stop() : postgres.kill());
      const refusedBefore = load.refused;
      await waitFor(() => load.refused > refusedBefore + 3, { what: 'refusals' });
      await postgres.restart();
    }
    const after = load.accepted.size;
    await waitFor(() => load.accepted.size > after + 20, {
      what: 'accepted changes again',
      deadlineMs: 60_000,
    });
    await load.stop();
    expect(load.unexpected).toEqual([]);
    for (const [name, version] of load.accepted) {
      const { body } = await asking(1)('GET', `/api/v1/projects/${name}`);
      expect((body as Representation).version).toBeGreaterThanOrEqual(version);
    }
    await publishedIsWhatWasCommitted([...load.accepted.keys()]);
  });
});

interface Load {
  /** Name → the latest version that was answered 2xx. */
  readonly accepted: Map<string, number>;
  refused: number;
  /** Answers that a client would not know what to do with. */
  readonly unexpected: string[];
  stop(): Promise<void>;
}

/** Admins who make projects and change them, and send again what was not answered, as the answer tells them to. */
function startLoad(copies: readonly Asking[]): Load {
  const load = { accepted: new Map<string, number>(), refused: 0, unexpected: [] as string[] };
  const state = { isStopped: false };
  const insist = async (send: () => ReturnType<Asking>): Promise<Awaited<ReturnType<Asking>>> => {
    for (;;) {
      const answer = await send();
      if (answer.status !== 503) return answer;
      load.refused++;
      if (answer.headers.get('retry-after') === null) load.unexpected.push('503 without Retry-After');
      await pause(100);
    }
  };
  const admin = async (asking: Asking, who: number): Promise<void> => {
    for (let n = 0; !state.isStopped; n++) {
      const name = `load-${who}-${n}`;
      const made = await insist(() =>
        asking('POST', '/api/v1/projects', project(name), { 'idempotency-key': name }),
      );
      if (made.status !== 201) load.unexpected.push(`POST ${name}: ${made.status} ${made.text}`);
      load.accepted.set(name, 1);
      const changed = await insist(() =>
        asking('PUT', `/api/v1/projects/${name}`, project(name, 'changed'), versioned(1)),
      );
      // 412: the answer to the first was lost with the database's; the change is there.
      if (![200, 412].includes(changed.status))
        load.unexpected.push(`PUT ${name}: ${changed.status} ${changed.text}`);
      load.accepted.set(name, 2);
    }
  };
  const admins = [0, 1, 2, 3].map((who) => admin(copies[who % copies.length] ?? askingWith(''), who));
  return Object.assign(load, {
    stop: async () => {
      state.isStopped = true;
      await Promise.all(admins);
    },
  });
}

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Bus, connectBus, silentLogger } from '#bus';
import { groupQueued, type InputOf, jobSubmitted, jobTemplate } from '#contracts';
import { directoryEnvironment, type Environment, freePort, newKeyRing, partnersEnvironment } from '#embedded';
import { attemptIdOf, jobIdOf } from '#grid';
import { isolatedSchema, type SpawnedService, spawnService, waitFor } from '#lab';
import { openKeyRing } from '#secrets';
import { pack } from 'tar-stream';
import { type SimulatedGrid, startSimulatedGrid } from '../../../test/stand-ins/batch-system/index.js';
import { type ConsoleWorld, consoleWorld } from './console-world.js';

/** A console whose registry has a real monitor behind it; the batch system is a simulated one. */
export interface JobsWorld extends ConsoleWorld {
  readonly grid: SimulatedGrid;
  readonly bus: Bus;
  /** Says that a group is accepted, as the submitter does; done when the monitor has it. */
  readonly queue: (group: Partial<InputOf<typeof groupQueued>>) => Promise<string>;
  /** Hands first attempts to the batch system and says so, as the submitter does. Resolves with its ids. */
  readonly submit: (groupId: string, indexes: readonly number[]) => Promise<readonly string[]>;
  /** What the job itself tells the monitor, as its wrapper does. */
  readonly worker: (groupId: string, index: number, attempt?: number) => Worker;
}

/** One attempt on its worker node. */
export interface Worker {
  readonly attemptId: string;
  begin(node?: string): Promise<void>;
  /** Writes on to its log. */
  write(text: string): Promise<void>;
  /** Brings these files back. */
  bring(files: Readonly<Record<string, string>>): Promise<void>;
  end(lines: Readonly<Record<string, string>>): Promise<void>;
}

const items = (keys: readonly string[]) => keys.map((key, n) => ({ key, variables: { SAMPLE: `${n}` } }));

/** Which attempt of the pool it is, as messages say it. */
export function attemptOf(groupId: string, index: number, attempt = 1) {
  const jobId = jobIdOf(groupId, index);
  const attemptId = attemptIdOf(jobId, attempt);
  return { groupId, jobId, attemptId, index, attempt, project: 'higgs', backend: 'pool' };
}

/** Give `import.meta.url`. */
export async function jobsWorld(testPath: string): Promise<JobsWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-jobs-page-'));
  const port = await freePort();
  const keyRing = newKeyRing('test');
  const monitorUrl = `http://127.0.0.1:${port}`;
  const world = await consoleWorld(testPath, { SLIPWAY_MONITOR_URL: monitorUrl, SLIPWAY_KEY_RING: keyRing });
  const grid = await startSimulatedGrid();
  const postgres = await isolatedSchema(testPath, 'monitor');
  const monitor = await startMonitor(directory, grid, {
    ...partnersEnvironment({ amqpUrl: world.amqpUrl, keyRing, postgres }),
    SLIPWAY_HTTP_PORT: String(port),
  });
  const bus = connectBus({ url: world.amqpUrl, service: 'grid-submitter', logger: silentLogger });
  await bus.started();
  const ring = openKeyRing(keyRing);
  return {
    ...world,
    grid,
    bus,
    queue: async (group) => {
      const groupId = randomUUID();
      await bus.publish(groupQueued, { ...groupOf(groupId), ...group });
      const known = (): Promise<unknown> => world.ask('GET', `/api/v1/groups/${groupId}`);
      await waitFor(known, { what: `the group ${groupId}` });
      return groupId;
    },
    submit: (groupId, indexes) => submitFirst(grid, bus, groupId, indexes),
    worker: (groupId, index, attempt = 1) => {
      const { attemptId } = attemptOf(groupId, index, attempt);
      return workerOf(monitorUrl, attemptId, ring.seal(attemptId, 'worker'));
    },
    close: async () => {
      await bus.close();
      await Promise.all([monitor.kill(), world.close(), grid.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function startMonitor(
  directory: string,
  grid: SimulatedGrid,
  env: Environment,
): Promise<SpawnedService> {
  const own = directoryEnvironment(directory);
  const pool = { name: 'pool', kind: 'plugin', plugin: 'simulated', options: { url: grid.url } };
  // JSON is YAML.
  await writeFile(own.SLIPWAY_CONFIG, JSON.stringify({ backends: [pool], projects: [] }));
  return spawnService('status-monitor', {
    ...own,
    ...env,
    SLIPWAY_PLUGINS: grid.plugin,
    SLIPWAY_POLL_SECONDS: '1',
    SLIPWAY_END_GRACE_SECONDS: '2',
  });
}

async function submitFirst(
  grid: SimulatedGrid,
  bus: Bus,
  groupId: string,
  indexes: readonly number[],
): Promise<readonly string[]> {
  const attempts = indexes.map((index) => attemptOf(groupId, index).attemptId);
  const body = JSON.stringify({ id: randomUUID(), house: 'slipway', attempts });
  const answer = await fetch(`${grid.url}/submit`, { method: 'POST', body });
  const jobs = (await answer.json()) as readonly { readonly batchId: string }[];
  const at = new Date().toISOString();
  for (const [place, index] of indexes.entries()) {
    const batchId = jobs[place]?.batchId ?? '';
    await bus.publish(jobSubmitted, { ...attemptOf(groupId, index), at, batchId });
  }
  return jobs.map(({ batchId }) => batchId);
}

const groupOf = (groupId: string): InputOf<typeof groupQueued> => ({
  groupId,
  name: 'Z to mu mu, 2026',
  project: 'higgs',
  backend: 'pool',
  template: jobTemplate.parse({ steps: [{ name: 'script', script: 'true' }], retries: { delaySeconds: 0 } }),
  items: items(['data-A', 'data-B', 'data-C']),
  labels: { ci: '17' },
  requestedBy: 'ada',
  requestedAt: new Date().toISOString(),
});

/** The items of a group with these keys, each with one variable, so that a test can tell them apart. */
export const itemsOf = items;

/** Lets a job write two lines and succeed. */
export async function succeed(world: JobsWorld, groupId: string, index: number): Promise<void> {
  const worker = world.worker(groupId, index);
  await worker.begin();
  await worker.write('one\ntwo\n');
  await worker.end({ exit: '0' });
}

/** Lets a job write a line and fail. */
export async function fail(world: JobsWorld, groupId: string, index: number): Promise<void> {
  const worker = world.worker(groupId, index);
  await worker.begin('wn8.example.org');
  await worker.write('one\n');
  await worker.end({ exit: '3', fault: 'script-failed', words: 'the step script ended with exit status 3' });
}

async function archiveOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, text] of Object.entries(files)) archive.entry({ name }, text);
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) pieces.push(Buffer.from(piece as Uint8Array));
  return gzipSync(Buffer.concat(pieces));
}

function workerOf(monitorUrl: string, attemptId: string, token: string): Worker {
  const session = randomBytes(16).toString('hex');
  let written = 0;
  const call = async (method: string, what: string, body: string | Buffer): Promise<void> => {
    const answer = await fetch(`${monitorUrl}/worker/v1/attempts/${attemptId}/${what}`, {
      method,
      body: typeof body === 'string' ? body : new Uint8Array(body),
      headers: { authorization: `Bearer ${token}`, 'x-slipway-session': session },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${text}`);
  };
  const lines = (values: Readonly<Record<string, string>>): string =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
  return {
    attemptId,
    begin: (node = 'wn7.example.org') => call('POST', 'start', lines({ session, node })),
    write: async (text) => {
      const bytes = Buffer.from(text);
      await call('PUT', `log?offset=${written}`, bytes);
      written += bytes.length;
    },
    bring: async (files) => {
      const archive = await archiveOf(files);
      const sha256 = createHash('sha256').update(archive).digest('hex');
      await call('PUT', `outputs?sha256=${sha256}&size=${archive.length}`, archive);
    },
    end: (values) => call('POST', 'end', lines({ log: String(written), ...values })),
  };
}

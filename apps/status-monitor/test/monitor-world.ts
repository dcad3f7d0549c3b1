import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus, silentLogger } from '#bus';
import { exchanges, groupQueued, type InputOf, jobSubmitted, jobTemplate } from '#contracts';
import { openDatabase } from '#database';
import { directoryEnvironment, type Environment, partnersEnvironment } from '#embedded';
import { attemptIdOf, jobIdOf } from '#grid';
import { isolatedSchema, isolatedVhost, type SpawnedService, spawnService, waitFor } from '#lab';
import { connect } from 'amqplib';
import type { DataSource } from 'typeorm';
import { type SimulatedGrid, startSimulatedGrid } from '../../../test/stand-ins/batch-system/index.js';
import { recordEvents, type Recorder } from '../../../test/scenarios/recorder.js';
import { keyRingText } from '../../../test/stand-ins/registry.js';
import { Ledger } from '../src/ledger/ledger.js';
import { storage } from '../src/storage/index.js';

const submittedAtOnce = 256;

/** What differs from a monitor with one backend, `pool`, and no projects. */
export interface MonitorWorldOptions {
  /** `import.meta.url` of the test file. */
  readonly testPath: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Of the backend `pool`. */
  readonly backend?: object;
  readonly projects?: readonly object[];
  /** Servers of the test's own; the run's unless told. */
  readonly amqpUrl?: string;
  readonly postgres?: { readonly url: string; readonly schema: string };
}

/** What the monitor asked of the submitter, which is not there. */
export interface Command {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Everything real that a monitor meets but the batch system, which is a simulated one in a process of its own. */
export class MonitorWorld {
  readonly services: SpawnedService[] = [];
  readonly commands: Command[] = [];
  /** As another copy's: what the jobs themselves say is reported by it. */
  readonly ledger: Ledger;

  private constructor(
    readonly grid: SimulatedGrid,
    readonly bus: Bus,
    readonly recorder: Recorder,
    readonly dataSource: DataSource,
    private readonly directory: string,
    private readonly environment: Environment,
    private readonly closeCommands: () => Promise<void>,
  ) {
    this.ledger = new Ledger({ dataSource, log: silentLogger, said: () => undefined });
  }

  static async create({ testPath, env, ...given }: MonitorWorldOptions): Promise<MonitorWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'slipway-monitor-'));
    const amqpUrl = given.amqpUrl ?? (await isolatedVhost(testPath)).url;
    const postgres = given.postgres ?? (await isolatedSchema(testPath));
    // After the servers of the run: where they do not start, nothing is left running.
    const grid = await startSimulatedGrid();
    const bus = connectBus({ url: amqpUrl, service: 'test', logger: silentLogger });
    await bus.started();
    const own = directoryEnvironment(directory);
    const pool = { name: 'pool', kind: 'plugin', plugin: 'simulated', options: { url: grid.url } };
    // JSON is YAML.
    const backends = [{ ...pool, ...given.backend }];
    await writeFile(own.SLIPWAY_CONFIG, JSON.stringify({ backends, projects: given.projects ?? [] }));
    const recorder = await recordEvents(amqpUrl);
    const commands: Command[] = [];
    const closeCommands = await hearCommands(amqpUrl, commands);
    const dataSource = await openDatabase({ ...storage, ...postgres });
    const environment = {
      ...own,
      ...partnersEnvironment({ amqpUrl, keyRing: keyRingText, postgres }),
      SLIPWAY_PLUGINS: grid.plugin,
      SLIPWAY_POLL_SECONDS: '1',
      SLIPWAY_END_GRACE_SECONDS: '2',
      SLIPWAY_VANISH_SECONDS: '1',
      ...env,
    };
    const world = new MonitorWorld(grid, bus, recorder, dataSource, directory, environment, closeCommands);
    world.commands.push(...commands.splice(0));
    commands.push = (...more) => world.commands.push(...more);
    return world;
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<SpawnedService> {
    const service = await spawnService('status-monitor', { ...this.environment, ...env });
    this.services.push(service);
    return service;
  }

  /** Says that a group of so many jobs is accepted, as the submitter does. */
  async queue(jobs: number, more: Partial<InputOf<typeof groupQueued>> = {}): Promise<string> {
    const group = groupOf(jobs, more);
    await this.bus.publish(groupQueued, group);
    return group.groupId;
  }

  /** Hands attempts to the batch system and says so, as the submitter does. Resolves with the batch system's ids. */
  async submit(groupId: string, indexes: readonly number[], attempt = 1): Promise<readonly string[]> {
    const attempts = indexes.map((index) => attemptIdOf(jobIdOf(groupId, index), attempt));
    const body = { id: randomUUID(), house: 'slipway', attempts };
    const answer = await fetch(`${this.grid.url}/submit`, { method: 'POST', body: JSON.stringify(body) });
    const jobs = (await answer.json()) as { batchId: string }[];
    const batchIds = jobs.map(({ batchId }) => batchId);
    // No more at once than the bus has under way: what waits behind them for longer than it may is refused.
    for (let first = 0; first < indexes.length; first += submittedAtOnce) {
      const some = indexes.slice(first, first + submittedAtOnce);
      await Promise.all(
        some.map((index, place) => this.saySubmitted(groupId, index, attempt, batchIds[first + place] ?? '')),
      );
    }
    return batchIds;
  }

  saySubmitted(groupId: string, index: number, attempt: number, batchId: string): Promise<void> {
    const at = new Date().toISOString();
    return this.bus.publish(jobSubmitted, { ...attemptOf(groupId, index, attempt), at, batchId });
  }

  /** How many events of that name there are about a group. */
  said(name: string, groupId: string): number {
    return this.recorder.named(name).filter(({ data }) => data['groupId'] === groupId).length;
  }

  /** The first event of that name about a job. */
  heard(name: string, groupId: string, index = 0, attempt = 1): Promise<Readonly<Record<string, unknown>>> {
    const { attemptId } = attemptOf(groupId, index, attempt);
    return this.recorder.waitFor(name, (data) => data['attemptId'] === attemptId).then(({ data }) => data);
  }

  command(name: string, groupId: string): Promise<Command> {
    return waitFor(() => this.commands.find((one) => one.name === name && one.data['groupId'] === groupId), {
      what: `the command ${name}`,
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.services.map((service) => service.kill('SIGKILL')));
    await Promise.allSettled([this.recorder.close(), this.closeCommands(), this.bus.close()]);
    await Promise.allSettled([this.dataSource.destroy(), this.grid.stop()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Which attempt of the pool it is, as messages say it. */
export function attemptOf(groupId: string, index: number, attempt = 1) {
  const jobId = jobIdOf(groupId, index);
  const attemptId = attemptIdOf(jobId, attempt);
  return { groupId, jobId, attemptId, index, attempt, project: 'higgs', backend: 'pool' };
}

/** A group of so many jobs as the submitter says that it is accepted, with what a test is about. */
export const groupOf = (
  jobs: number,
  more: Partial<InputOf<typeof groupQueued>> = {},
): InputOf<typeof groupQueued> => ({
  groupId: randomUUID(),
  name: 'a group',
  project: 'higgs',
  backend: 'pool',
  template: jobTemplate.parse({ steps: [{ name: 'script', script: 'true' }], retries: { delaySeconds: 0 } }),
  items: Array.from({ length: jobs }, (_, index) => ({
    key: `job ${index}`,
    variables: { N: String(index) },
  })),
  labels: { ci: '17' },
  requestedBy: 'ada',
  requestedAt: new Date().toISOString(),
  ...more,
});

async function hearCommands(url: string, commands: Command[]): Promise<() => Promise<void>> {
  const connection = await connect(url);
  connection.on('error', () => undefined);
  const channel = await connection.createChannel();
  await channel.assertExchange(exchanges.commands, 'topic', { durable: true });
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, exchanges.commands, '#');
  await channel.consume(
    queue,
    (message) => {
      if (!message) return;
      const name = message.fields.routingKey.replace(/\.v\d+$/, '');
      commands.push({ name, data: JSON.parse(message.content.toString()) as Command['data'] });
    },
    { noAck: true },
  );
  return () => connection.close();
}

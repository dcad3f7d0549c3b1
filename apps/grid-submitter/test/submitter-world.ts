import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, silentLogger, type Bus } from '#bus';
import {
  jobCancel,
  jobRequest,
  jobSubmit,
  jobSucceeded,
  type InputOf,
  type JobRequestAsWritten,
} from '#contracts';
import { directoryEnvironment, type Environment, partnersEnvironment } from '#embedded';
import { isolatedSchema, isolatedVhost, type SpawnedService, spawnService } from '#lab';
import { Client } from 'pg';
import type { SimulatedGrid } from '../../../test/stand-ins/batch-system/index.js';
import { recordEvents, type Recorder } from '../../../test/scenarios/recorder.js';
import { keyRingText } from '../../../test/stand-ins/registry.js';

/** What differs between tests: backends, projects and limits in `file`, settings of the service in `env`. */
export interface WorldOptions {
  /** `import.meta.url` of the test file. */
  readonly testPath: string;
  /** Parts of slipway.yml. */
  readonly file: object;
  readonly env?: Readonly<Record<string, string>>;
  /** Servers of the test's own; the run's unless told. */
  readonly amqpUrl?: string;
  readonly postgres?: { readonly url: string; readonly schema: string };
}

/** Everything real that a submitter meets: broker, database, slipway.yml, each the test's own. */
export class SubmitterWorld {
  readonly services: SpawnedService[] = [];

  private constructor(
    readonly directory: string,
    readonly bus: Bus,
    readonly recorder: Recorder,
    readonly database: Client,
    private readonly environment: Environment,
  ) {}

  static async create({ testPath, file, env, ...servers }: WorldOptions): Promise<SubmitterWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'slipway-submitter-'));
    const amqpUrl = servers.amqpUrl ?? (await isolatedVhost(testPath)).url;
    const postgres = servers.postgres ?? (await isolatedSchema(testPath));
    const bus = connectBus({ url: amqpUrl, service: 'test', logger: silentLogger });
    await bus.started();
    const own = directoryEnvironment(directory);
    // JSON is YAML.
    await writeFile(own.SLIPWAY_CONFIG, JSON.stringify(file));
    const options = `-c search_path=${postgres.schema}`;
    const database = new Client({ connectionString: postgres.url, options });
    database.on('error', () => undefined);
    await database.connect();
    return new SubmitterWorld(directory, bus, await recordEvents(amqpUrl), database, {
      ...own,
      ...partnersEnvironment({ amqpUrl, keyRing: keyRingText, postgres }),
      SLIPWAY_MONITOR_URL: 'http://monitor.example.org',
      SLIPWAY_LEASE_SECONDS: '2',
      ...env,
    });
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<SpawnedService> {
    const service = await spawnService('grid-submitter', { ...this.environment, ...env });
    this.services.push(service);
    return service;
  }

  /** Hands a group in, as the registry does. */
  async submit(asked: JobRequestAsWritten, more: Partial<InputOf<typeof jobSubmit>> = {}): Promise<string> {
    const groupId = more.groupId ?? randomUUID();
    const request = jobRequest.parse(asked);
    await this.bus.publish(jobSubmit, {
      ...request,
      items: [...request.items],
      groupId,
      requestedBy: 'ada',
      requestedAt: new Date().toISOString(),
      ...more,
    });
    return groupId;
  }

  async cancel(groupId: string, more: Partial<InputOf<typeof jobCancel>> = {}): Promise<void> {
    const reason = { fault: 'cancelled', words: 'not wanted' } as const;
    await this.bus.publish(jobCancel, { groupId, reason, requestedBy: 'ada', ...more });
  }

  /** Says of attempts what the ledger says of those that went well. */
  async succeed(attemptIds: readonly string[]): Promise<void> {
    const { rows } = await this.database.query<InputOf<typeof jobSucceeded>>(
      `select group_id as "groupId", job_id as "jobId", id as "attemptId", index, number as attempt, project, backend
       from attempt where id = any($1)`,
      [attemptIds],
    );
    const at = new Date().toISOString();
    await Promise.all(rows.map((row) => this.bus.publish(jobSucceeded, { ...row, at })));
  }

  /** The ids of a group's attempts that are in this state. */
  async attempts(groupId: string, state: string): Promise<readonly string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      'select id from attempt where group_id = $1 and state = $2 order by index, number',
      [groupId, state],
    );
    return rows.map(({ id }) => id);
  }

  /** How many events of that name there are about a group; what is said again under its id counts once. */
  said(name: string, groupId: string): number {
    const said = this.recorder.named(name).filter(({ data }) => data['groupId'] === groupId);
    return new Set(said.map(({ id }) => id)).size;
  }

  async close(): Promise<void> {
    await Promise.all(this.services.map((service) => service.kill('SIGKILL')));
    await Promise.allSettled([this.recorder.close(), this.bus.close(), this.database.end()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A project as slipway.yml registers it; its jobs go to the backend `pool`. */
export const project = (name: string, limits: object = {}): object => ({
  name,
  kind: 'repository',
  url: `https://example.org/${name}`,
  backend: 'pool',
  limits,
});

/** A backend that is the simulated batch system. */
export const simulated = (grid: SimulatedGrid, given: object = {}, options: object = {}): object => ({
  name: 'pool',
  kind: 'plugin',
  plugin: 'simulated',
  options: { url: grid.url, ...options },
  ...given,
});

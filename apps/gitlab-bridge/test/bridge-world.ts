import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  databaseEnvironment,
  directoryEnvironment,
  type Environment,
  freePort,
  partnersEnvironment,
} from '#embedded';
import {
  type IsolatedSchema,
  isolatedSchema,
  isolatedVhost,
  type SpawnedService,
  spawnService,
  waitFor,
} from '#lab';
import { Client } from 'pg';
import {
  type GitLabOptions,
  type Runner,
  startGitLab,
  type TestGitLab,
  type TestJob,
  type TestProject,
} from '../../../test/gitlab/index.js';
import { recordEvents, type Recorder } from '../../../test/scenarios/recorder.js';
import { keyRingText } from '../../../test/stand-ins/registry.js';
import { bridgeSettings } from './bridge-settings.js';

/** What differs from a house with one GitLab, one project, one runner and one backend. */
export interface BridgeWorldOptions {
  /** `import.meta.url` of the test file. */
  readonly testPath: string;
  readonly gitlab?: GitLabOptions;
  readonly runner?: object;
  /** Slipway has an account of GitLab, which may push to the project. */
  readonly hasAccount?: boolean;
  /** Of the backend `here`. */
  readonly backend?: object;
  /** Beside the backend `here`. */
  readonly furtherBackends?: readonly object[];
  readonly furtherCredentials?: readonly object[];
  readonly identityMappings?: readonly object[];
  readonly projects?: (gitlab: TestGitLab) => readonly object[];
  /** Of all services. */
  readonly common?: Readonly<Record<string, string>>;
  /** Of the bridge. */
  readonly env?: Readonly<Record<string, string>>;
  /** Servers of the test's own; the run's unless told. */
  readonly amqpUrl?: string;
  readonly postgres?: { readonly url: string };
}

/** A machine that runs all tests at once is slow to start things. */
const slowly = { readyDeadlineMs: 120_000 };

/** What bridges are told unless a test tells them otherwise: where links lead, and times that no test has to wait for. */
const ofBridges = {
  SLIPWAY_CONSOLE_URL: 'https://slipway.example.org',
  SLIPWAY_ASK_MS: '200',
  SLIPWAY_LEASE_SECONDS: '2',
  SLIPWAY_LONGEST_RETRY_MS: '500',
};

/** Everything real that a bridge meets: broker, database, submitter, monitor, this machine as a batch system; and a GitLab. */
export class BridgeWorld {
  readonly bridges: SpawnedService[] = [];

  private constructor(
    readonly gitlab: TestGitLab,
    readonly runner: Runner,
    readonly project: TestProject,
    readonly directory: string,
    readonly recorder: Recorder,
    readonly database: Client,
    private readonly env: Environment,
    readonly submitter: SpawnedService,
    readonly monitor: SpawnedService,
    readonly amqpUrl: string,
  ) {}

  static async create(options: BridgeWorldOptions): Promise<BridgeWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'slipway-bridge-'));
    const gitlab = await startGitLab(options.gitlab);
    const project = await gitlab.createProject({
      path: 'lhcb/analysis',
      files: { 'README.md': '# Analysis\n' },
    });
    const runner = gitlab.createRunner();
    const amqpUrl = options.amqpUrl ?? (await isolatedVhost(options.testPath)).url;
    const places = directoryEnvironment(directory);
    const settings = await bridgeSettings(options, directory, { gitlab, project, runner });
    // JSON is YAML.
    await writeFile(places.SLIPWAY_CONFIG, JSON.stringify(settings));
    const common = {
      ...places,
      ...partnersEnvironment({ amqpUrl, keyRing: keyRingText }),
      SLIPWAY_HOUSE: 'test',
      SLIPWAY_MONITOR_URL: `http://127.0.0.1:${await freePort()}`,
      ...options.common,
    };
    const own = await schemaOf(options, 'gitlab-bridge');
    const [monitor, submitter] = await startGrid(options, common);
    const env = { ...common, ...databaseEnvironment(own), ...ofBridges, ...options.env };
    const database = await connectTo(own);
    return new BridgeWorld(
      gitlab,
      runner,
      project,
      directory,
      await recordEvents(amqpUrl),
      database,
      env,
      submitter,
      monitor,
      amqpUrl,
    );
  }

  /** One more copy of the bridge. */
  async start(env: Environment = {}): Promise<SpawnedService> {
    const bridge = await spawnService('gitlab-bridge', { ...this.env, ...env }, slowly);
    this.bridges.push(bridge);
    return bridge;
  }

  /** Queues a CI job; `yaml` is all of `.gitlab-ci.yml`, whose one job is `job`. */
  async queue(yaml: string): Promise<TestJob> {
    await this.project.commit({ files: { '.gitlab-ci.yml': yaml } });
    return (await this.project.runPipeline()).job('job');
  }

  async over(job: TestJob, deadlineMs = 60_000): Promise<TestJob> {
    await waitFor(() => job.isOver, { what: 'the CI job to be over', deadlineMs }).catch((error: unknown) => {
      const logs = [...this.bridges, this.submitter, this.monitor]
        .flatMap((service) => service.logs().slice(-12))
        .join('\n')
        .slice(-12_000);
      const open = this.gitlab.requests.filter(({ endedAt }) => endedAt === undefined);
      const unanswered = open
        .map(({ method, path, startedAt }) => `${startedAt} ${method} ${path}`)
        .join('\n');
      throw new Error(
        `${String(error)}; it is ${job.state}; its trace:\n${job.trace.toString()}\n${logs}\nnot answered: ${unanswered}`,
      );
    });
    return job;
  }

  /** Until the trace has this in it. */
  async says(job: TestJob, words: string): Promise<void> {
    await waitFor(() => job.trace.includes(words), {
      what: `“${words}” in the trace`,
      deadlineMs: 60_000,
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; its trace:\n${job.trace.toString()}`);
    });
  }

  async close(): Promise<void> {
    const all = [...this.bridges, this.submitter, this.monitor];
    await Promise.all(all.map((service) => service.kill('SIGKILL')));
    await Promise.allSettled([this.recorder.close(), this.database.end(), this.gitlab.close()]);
    await rm(this.directory, { recursive: true, force: true, maxRetries: 20 });
  }
}

/** The monitor and the submitter; the monitor listens where `common` says that it is. */
async function startGrid(
  options: BridgeWorldOptions,
  common: Environment & { readonly SLIPWAY_MONITOR_URL: string },
): Promise<readonly [monitor: SpawnedService, submitter: SpawnedService]> {
  const start = async (name: string, more: Environment = {}): Promise<SpawnedService> => {
    const database = databaseEnvironment(await schemaOf(options, name));
    return spawnService(name, { ...common, ...database, ...more }, slowly);
  };
  return Promise.all([
    start('status-monitor', {
      SLIPWAY_HTTP_PORT: new URL(common.SLIPWAY_MONITOR_URL).port,
      SLIPWAY_POLL_SECONDS: '1',
      SLIPWAY_END_GRACE_SECONDS: '5',
    }),
    start('grid-submitter'),
  ]);
}

const schemaOf = async (
  { testPath, postgres }: BridgeWorldOptions,
  service: string,
): Promise<IsolatedSchema> => ({ ...(await isolatedSchema(`${testPath}-${service}`)), ...postgres });

/** To look at what the bridge keeps; a test may end the server meanwhile. */
async function connectTo({ url, schema }: IsolatedSchema): Promise<Client> {
  const client = new Client({ connectionString: url, options: `-c search_path=${schema}` });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

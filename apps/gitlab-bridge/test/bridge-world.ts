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
    const { testPath } = options;
    const directory = await mkdtemp(join(tmpdir(), 'slipway-bridge-'));
    const gitlab = await startGitLab(options.gitlab);
    const project = await gitlab.createProject({
      path: 'lhcb/analysis',
      files: { 'README.md': '# Analysis\n' },
    });
    const runner = gitlab.createRunner();
    const amqpUrl = options.amqpUrl ?? (await isolatedVhost(testPath)).url;
    const places = directoryEnvironment(directory);
    const token = join(directory, 'runner-token');
    await writeFile(token, runner.token, { mode: 0o600 });
    const account = options.hasAccount ? await accountIn(directory, gitlab, project) : [];
    const file = {
      projects: options.projects?.(gitlab) ?? [registered(gitlab)],
      backends: [
        { name: 'here', kind: 'local', jobs: 8, ...options.backend },
        ...(options.furtherBackends ?? []),
      ],
      gitlabServers: [
        { name: 'gitlab', url: gitlab.url, ...(options.hasAccount && { credential: 'account' }) },
      ],
      credentials: [
        ...account,
        { name: 'runner', type: 'gitlab-runner-token', secret: { file: token } },
        ...(options.furtherCredentials ?? []),
      ],
      identityMappings: options.identityMappings ?? [],
      runners: [{ name: 'grid', gitlab: 'gitlab', credential: 'runner', ...options.runner }],
    };
    // JSON is YAML.
    await writeFile(places.SLIPWAY_CONFIG, JSON.stringify(file));
    const database = async (of: string): Promise<IsolatedSchema> => ({
      ...(await isolatedSchema(`${testPath}-${of}`)),
      ...options.postgres,
    });
    const common = {
      ...places,
      ...partnersEnvironment({ amqpUrl, keyRing: keyRingText }),
      SLIPWAY_HOUSE: 'test',
      ...options.common,
    };
    const monitorPort = String(await freePort());
    const monitorUrl = `http://127.0.0.1:${monitorPort}`;
    const own = await database('gitlab-bridge');
    const [monitor, submitter] = await Promise.all([
      spawnService(
        'status-monitor',
        {
          ...common,
          ...databaseEnvironment(await database('status-monitor')),
          SLIPWAY_HTTP_PORT: monitorPort,
          SLIPWAY_POLL_SECONDS: '1',
          SLIPWAY_END_GRACE_SECONDS: '5',
        },
        slowly,
      ),
      spawnService(
        'grid-submitter',
        {
          ...common,
          ...databaseEnvironment(await database('grid-submitter')),
          SLIPWAY_MONITOR_URL: monitorUrl,
        },
        slowly,
      ),
    ]);
    const client = new Client({ connectionString: own.url, options: `-c search_path=${own.schema}` });
    client.on('error', () => undefined);
    await client.connect();
    const env = {
      ...common,
      ...databaseEnvironment(own),
      SLIPWAY_MONITOR_URL: monitorUrl,
      SLIPWAY_CONSOLE_URL: 'https://slipway.example.org',
      SLIPWAY_ASK_MS: '200',
      SLIPWAY_LEASE_SECONDS: '2',
      SLIPWAY_LONGEST_RETRY_MS: '500',
      ...options.env,
    };
    const recorder = await recordEvents(amqpUrl);
    return new BridgeWorld(
      gitlab,
      runner,
      project,
      directory,
      recorder,
      client,
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

/** The project lhcb/analysis as slipway.yml registers it, with what a test is about. */
export const registered = (gitlab: TestGitLab, more: object = {}): object => ({
  name: 'analysis',
  url: `${gitlab.url}/lhcb/analysis`,
  path: 'lhcb/analysis',
  backend: 'here',
  ...more,
});

/** The credential of an account that the project knows as a Developer. */
async function accountIn(
  directory: string,
  gitlab: TestGitLab,
  project: TestProject,
): Promise<readonly object[]> {
  const bot = gitlab.addPerson('slipway-bot');
  project.addMember(bot, 30);
  const file = join(directory, 'account');
  await writeFile(file, gitlab.addToken(bot), { mode: 0o600 });
  return [{ name: 'account', type: 'gitlab-api-token', secret: { file } }];
}

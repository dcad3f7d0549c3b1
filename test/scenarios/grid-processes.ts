import { databaseEnvironment, type Environment } from '#embedded';
import { type IsolatedSchema, isolatedSchema, type SpawnedService, spawnService } from '#lab';

/** The services that a grid world starts, and a test may kill. */
export type GridService = 'registry' | 'grid-submitter' | 'status-monitor' | 'gitlab-bridge';

/** Settings of single services, beside what all are told. */
export interface GridWorldOptions {
  readonly env?: Partial<Readonly<Record<GridService, Environment>>>;
  /** What the services that begin jobs are started through. */
  readonly through?: readonly string[];
}

interface Started {
  readonly service: SpawnedService;
  readonly env: Environment;
  readonly database: IsolatedSchema;
}

/** The services of a grid world as processes, each with a schema of its own. */
export class GridProcesses {
  private readonly started = new Map<GridService, Started>();

  /** `common`: what all are told. */
  constructor(
    private readonly testPath: string,
    private readonly common: Environment,
    private readonly options: GridWorldOptions,
  ) {}

  /** With these settings, and those that the test has for it. */
  async start(name: GridService, own: Environment): Promise<SpawnedService> {
    const { env = {}, through = [] } = this.options;
    const database = await isolatedSchema(`${this.testPath}-${name}`);
    const told = { ...this.common, ...databaseEnvironment(database), ...own, ...env[name] };
    const service = await spawnService(name, told, {
      readyDeadlineMs: 120_000,
      through: name === 'grid-submitter' || name === 'status-monitor' ? through : [],
    });
    // The port stays the same when it is started again: the jobs know it.
    const port = { SLIPWAY_HTTP_PORT: new URL(service.url).port };
    this.started.set(name, { service, env: { ...told, ...port }, database });
    return service;
  }

  /** Starts one again that has ended, with `more` beside what it was told. */
  async restart(name: GridService, more: Environment = {}): Promise<void> {
    const before = this.of(name);
    const env = { ...before.env, ...more };
    this.started.set(name, { ...before, env, service: await spawnService(name, env) });
  }

  /** Throws where it was not started. */
  of(name: GridService): Started {
    const found = this.started.get(name);
    if (!found) throw new Error(`${name} was not started`);
    return found;
  }

  /** Each as it is when it is asked for: started again it is another process. */
  byName(): Readonly<Record<GridService, SpawnedService>> {
    const of = (name: GridService): SpawnedService => this.of(name).service;
    return {
      get registry() {
        return of('registry');
      },
      get 'grid-submitter'() {
        return of('grid-submitter');
      },
      get 'status-monitor'() {
        return of('status-monitor');
      },
      get 'gitlab-bridge'() {
        return of('gitlab-bridge');
      },
    };
  }

  async kill(): Promise<void> {
    await Promise.all([...this.started.values()].map(({ service }) => service.kill()));
  }
}

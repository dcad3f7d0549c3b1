import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  databaseEnvironment,
  directoryEnvironment,
  newBootstrapKey,
  newKeyRing,
  partnersEnvironment,
} from '#embedded';
import { isolatedSchema, isolatedVhost, type SpawnedService, spawnService } from '#lab';

/** The services that a grid world starts, and a test may kill. */
export type GridService = 'registry' | 'grid-submitter' | 'status-monitor' | 'gitlab-bridge';

/** The services that a grid job goes through, each as a process, with a broker and a database of their own. */
export interface GridWorld {
  /** A directory of this world; what the services keep lies below it. */
  readonly directory: string;
  readonly service: Readonly<Record<GridService, SpawnedService>>;
  /** Starts the bridge to GitLab, which is not there from the beginning. */
  startBridge(): Promise<void>;
  /** Starts one again that was killed. */
  restart(name: GridService): Promise<void>;
  /** With an admin's key; throws what is refused. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  readonly key: string;
  /** What all services are told: broker, key ring, where settings come from. */
  readonly common: Readonly<Record<string, string>> & { readonly SLIPWAY_AMQP_URL: string };
  /** Where a service keeps what it knows. */
  database(name: GridService): Readonly<Record<'url' | 'schema', string>>;
  close(): Promise<void>;
}

/** Settings of single services, beside what all are told. */
export interface GridWorldOptions {
  readonly env?: Partial<Readonly<Record<GridService, Readonly<Record<string, string>>>>>;
  /** What the services that begin jobs are started through. */
  readonly through?: readonly string[];
}

/** Give `import.meta.url`. There is a backend `here`, this machine, and a project `higgs` whose jobs run there. */
export async function gridWorld(
  testPath: string,
  { env = {}, through = [] }: GridWorldOptions = {},
): Promise<GridWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-grid-'));
  const { url: amqpUrl } = await isolatedVhost(testPath);
  const bootstrapKey = newBootstrapKey();
  const common = {
    ...directoryEnvironment(directory),
    ...partnersEnvironment({ amqpUrl, keyRing: newKeyRing('test') }),
    SLIPWAY_REGISTRY: 'on',
    SLIPWAY_HOUSE: 'test',
  };
  const started: Partial<
    Record<GridService, { service: SpawnedService; env: Readonly<Record<string, string>> }>
  > = {};
  const start = async (
    name: GridService,
    more: Readonly<Record<string, string>>,
  ): Promise<SpawnedService> => {
    const of = {
      ...common,
      ...databaseEnvironment(await isolatedSchema(`${testPath}-${name}`)),
      ...more,
      ...env[name],
    };
    const service = await spawnService(name, of, {
      readyDeadlineMs: 120_000,
      through: name === 'grid-submitter' || name === 'status-monitor' ? through : [],
    });
    // The port stays the same when it is started again: the jobs know it.
    started[name] = { service, env: { ...of, SLIPWAY_HTTP_PORT: new URL(service.url).port } };
    return service;
  };
  const nowhere = 'http://127.0.0.1:1';
  // The monitor's address is known only when it runs, and it waits for the registry: so the registry is started twice.
  const first = await start('registry', {
    SLIPWAY_BOOTSTRAP_KEY: bootstrapKey,
    SLIPWAY_MONITOR_URL: nowhere,
  });
  const key = await adminKey(first.url, bootstrapKey);
  const monitor = await start('status-monitor', {
    SLIPWAY_POLL_SECONDS: '1',
    SLIPWAY_END_GRACE_SECONDS: '5',
  });
  await start('grid-submitter', { SLIPWAY_MONITOR_URL: monitor.url });
  await first.kill();
  const registry = started.registry;
  if (!registry) throw new Error('the registry did not start');
  const registryEnv = { ...registry.env, SLIPWAY_MONITOR_URL: monitor.url };
  started.registry = { service: await spawnService('registry', registryEnv), env: registryEnv };

  const serviceOf = (name: GridService): SpawnedService => {
    const found = started[name];
    if (!found) throw new Error(`${name} was not started`);
    return found.service;
  };
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${serviceOf('registry').url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  await ask('POST', '/backends', { name: 'here', kind: 'local' });
  const project = { name: 'higgs', url: 'https://gitlab.example.org/atlas/higgs', path: 'atlas/higgs' };
  await ask('POST', '/projects', { ...project, backend: 'here' });
  return {
    directory,
    key,
    common,
    database: (name) => {
      const { SLIPWAY_POSTGRES_URL: url = '', SLIPWAY_POSTGRES_SCHEMA: schema = '' } =
        started[name]?.env ?? {};
      return { url, schema };
    },
    ask,
    service: {
      get registry() {
        return serviceOf('registry');
      },
      get 'grid-submitter'() {
        return serviceOf('grid-submitter');
      },
      get 'status-monitor'() {
        return serviceOf('status-monitor');
      },
      get 'gitlab-bridge'() {
        return serviceOf('gitlab-bridge');
      },
    },
    startBridge: async () => {
      await start('gitlab-bridge', {
        SLIPWAY_MONITOR_URL: monitor.url,
        SLIPWAY_CONSOLE_URL: serviceOf('registry').url,
        SLIPWAY_REGISTRY_URL: serviceOf('registry').url,
        SLIPWAY_ASK_MS: '500',
        SLIPWAY_TRACE_MS: '500',
        SLIPWAY_LEASE_SECONDS: '3',
      });
    },
    restart: async (name) => {
      const found = started[name];
      if (found) started[name] = { ...found, service: await spawnService(name, found.env) };
    },
    close: async () => {
      await Promise.all(Object.values(started).map(({ service }) => service.kill()));
      rmSync(directory, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}

async function adminKey(url: string, bootstrapKey: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/api-keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bootstrapKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'admin of the test', role: 'admin' }),
  });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { key: string }).key;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  directoryEnvironment,
  type Environment,
  newBootstrapKey,
  newKeyRing,
  partnersEnvironment,
} from '#embedded';
import { type IsolatedSchema, isolatedVhost, type SpawnedService } from '#lab';
import { GridProcesses, type GridService, type GridWorldOptions } from './grid-processes.js';

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
  readonly ask: Ask;
  readonly key: string;
  /** What all services are told: broker, key ring, where settings come from. */
  readonly common: Environment & { readonly SLIPWAY_AMQP_URL: string };
  /** Where a service keeps what it knows. */
  database(name: GridService): IsolatedSchema;
  close(): Promise<void>;
}

type Ask = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** Give `import.meta.url`. There is a backend `here`, this machine, and a project `higgs` whose jobs run there. */
export async function gridWorld(testPath: string, options: GridWorldOptions = {}): Promise<GridWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-grid-'));
  const { url: amqpUrl } = await isolatedVhost(testPath);
  const common = {
    ...directoryEnvironment(directory),
    ...partnersEnvironment({ amqpUrl, keyRing: newKeyRing('test') }),
    SLIPWAY_REGISTRY: 'on',
    SLIPWAY_HOUSE: 'test',
  };
  const processes = new GridProcesses(testPath, common, options);
  const service = processes.byName();
  const close = async (): Promise<void> => {
    await processes.kill();
    rmSync(directory, { recursive: true, force: true, maxRetries: 20 });
  };
  try {
    const key = await startAllButBridge(processes);
    const ask: Ask = (...question) => askRegistry(service.registry.url, key, ...question);
    await registerHiggs(ask);
    return {
      directory,
      key,
      common,
      ask,
      service,
      database: (name) => processes.of(name).database,
      startBridge: () => startBridge(processes),
      restart: (name) => processes.restart(name),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves with an admin's key. */
async function startAllButBridge(processes: GridProcesses): Promise<string> {
  const bootstrapKey = newBootstrapKey();
  const first = await processes.start('registry', {
    SLIPWAY_BOOTSTRAP_KEY: bootstrapKey,
    SLIPWAY_MONITOR_URL: 'http://127.0.0.1:1',
  });
  const key = await adminKey(first.url, bootstrapKey);
  const monitor = await processes.start('status-monitor', {
    SLIPWAY_POLL_SECONDS: '1',
    SLIPWAY_END_GRACE_SECONDS: '5',
  });
  const withMonitor = { SLIPWAY_MONITOR_URL: monitor.url };
  await processes.start('grid-submitter', withMonitor);
  // The monitor's address is known only when it runs, and it waits for the registry: so the registry is started twice.
  await first.kill();
  await processes.restart('registry', withMonitor);
  return key;
}

async function startBridge(processes: GridProcesses): Promise<void> {
  const [registry, monitor] = [processes.of('registry').service, processes.of('status-monitor').service];
  await processes.start('gitlab-bridge', {
    SLIPWAY_MONITOR_URL: monitor.url,
    SLIPWAY_CONSOLE_URL: registry.url,
    SLIPWAY_REGISTRY_URL: registry.url,
    SLIPWAY_ASK_MS: '500',
    SLIPWAY_TRACE_MS: '500',
    SLIPWAY_LEASE_SECONDS: '3',
  });
}

async function registerHiggs(ask: Ask): Promise<void> {
  await ask('POST', '/backends', { name: 'here', kind: 'local' });
  const project = { name: 'higgs', url: 'https://gitlab.example.org/atlas/higgs', path: 'atlas/higgs' };
  await ask('POST', '/projects', { ...project, backend: 'here' });
}

async function askRegistry<T>(
  url: string,
  key: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
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

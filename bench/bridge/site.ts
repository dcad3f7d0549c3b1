import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  directoryEnvironment,
  freePort,
  newKeyRing,
  partnersEnvironment,
  startPostgres,
  startRabbitmq,
} from '#embedded';
import { type SpawnedService, spawnService } from '#lab';
import { type KeyRing, openKeyRing } from '#secrets';
import { startGitLab, type TestGitLab } from '../../test/gitlab/index.js';
import { startSimulatedGrid } from '../../test/stand-ins/batch-system/index.js';

/** A bridge before a GitLab for tests and a batch system that runs nothing, with all that is between them. */
export interface BridgeSite {
  readonly gitlab: TestGitLab;
  readonly bridge: SpawnedService;
  readonly monitorUrl: string;
  readonly amqpUrl: string;
  readonly ring: KeyRing;
  close(): Promise<void>;
}

const many = 1_000_000;

/** Bridge, submitter and monitor as processes of their own; its limits are so high that none holds a job back. */
export async function startBridgeSite(): Promise<BridgeSite> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-bridge-'));
  // PostgreSQL runs as a user of its own where this runs as root.
  chmodSync(directory, 0o755);
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closing.reverse()) await each().catch(() => undefined);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const broker = await startRabbitmq({ directory: join(directory, 'rabbitmq') });
    closing.push(() => broker.stop());
    const postgres = await startPostgres({ directory: join(directory, 'postgres') });
    closing.push(() => postgres.stop());
    const grid = await startSimulatedGrid();
    closing.push(() => grid.stop());
    // It answers at once that there is nothing: how often it is asked is then the bridge's own pace.
    const gitlab = await startGitLab({ limits: { longPollMs: 0 } });
    closing.push(() => gitlab.close());
    const keyRing = newKeyRing('bench');
    const own = directoryEnvironment(directory);
    writeSettings(directory, own.SLIPWAY_CONFIG, gitlab, grid.url);
    const monitorPort = String(await freePort());
    const monitorUrl = `http://127.0.0.1:${monitorPort}`;
    const common = {
      ...own,
      ...partnersEnvironment({ amqpUrl: broker.url, keyRing, postgres: { url: postgres.url } }),
      SLIPWAY_HOUSE: 'bench',
      SLIPWAY_PLUGINS: grid.plugin,
      SLIPWAY_MONITOR_URL: monitorUrl,
    };
    const start = async (name: string, env: Readonly<Record<string, string>>): Promise<SpawnedService> => {
      const service = await spawnService(name, { ...common, ...env });
      closing.push(() => service.kill('SIGKILL'));
      return service;
    };
    await start('status-monitor', { SLIPWAY_HTTP_PORT: monitorPort });
    await start('grid-submitter', {});
    const bridge = await start('gitlab-bridge', {});
    return { gitlab, bridge, monitorUrl, amqpUrl: broker.url, ring: openKeyRing(keyRing), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function writeSettings(directory: string, file: string, gitlab: TestGitLab, gridUrl: string): void {
  const token = join(directory, 'runner-token');
  writeFileSync(token, gitlab.createRunner().token, { mode: 0o600 });
  const project = {
    name: 'analysis',
    url: `${gitlab.url}/lhcb/analysis`,
    path: 'lhcb/analysis',
    backend: 'pool',
    limits: { jobs: many },
  };
  const pool = { name: 'pool', kind: 'plugin', plugin: 'simulated', options: { url: gridUrl }, jobs: many };
  const settings = {
    projects: [project],
    backends: [pool],
    gitlabServers: [{ name: 'gitlab', url: gitlab.url }],
    credentials: [
      { name: 'runner', type: 'gitlab-runner-token', secret: { file: token } },
      { name: 'grid', type: 'htcondor-idtoken', secret: { file: token } },
    ],
    identityMappings: [{ name: 'alice', gitlabUser: 'alice', credential: 'grid' }],
    runners: [{ name: 'grid', gitlab: 'gitlab', credential: 'runner', jobs: 100_000 }],
  };
  writeFileSync(file, JSON.stringify(settings));
}

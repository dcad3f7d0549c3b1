import { join } from 'node:path';
import {
  directoryEnvironment,
  type EmbeddedServer,
  type Environment,
  freePort,
  startService,
} from '#embedded';

/** What the monitor, the submitter and the bridge of the demo share. */
export interface GridServicesOptions {
  readonly directory: string;
  /** What all services are told: broker, database, key ring, where settings come from. */
  readonly common: Environment;
  /** The port that the monitor listens on: the registry was told before. */
  readonly monitorPort: number;
  /** Of the page, for links, and of the registry that tells what was published before. */
  readonly consoleUrl: string;
}

/** Starts what brings CI jobs to the batch system and back: each knows the others by the bus, and the monitor's address. */
export async function startGridServices(
  { directory, common, monitorPort, consoleUrl }: GridServicesOptions,
  keep: (service: EmbeddedServer) => EmbeddedServer,
): Promise<readonly EmbeddedServer[]> {
  // One for both of them: what the batch system of this machine has is kept there.
  const grid = directoryEnvironment(join(directory, 'grid'));
  const start = async (name: string, port: number, env: Environment): Promise<EmbeddedServer> =>
    keep(
      await startService({
        name,
        directory: join(directory, name),
        env: {
          ...common,
          SLIPWAY_MONITOR_URL: `http://127.0.0.1:${monitorPort}`,
          SLIPWAY_HTTP_PORT: String(port),
          ...env,
        },
      }),
    );
  return Promise.all([
    start('status-monitor', monitorPort, { ...grid, SLIPWAY_POLL_SECONDS: '1' }),
    start('grid-submitter', await freePort(), grid),
    start('gitlab-bridge', await freePort(), {
      ...directoryEnvironment(join(directory, 'gitlab-bridge')),
      SLIPWAY_CONSOLE_URL: consoleUrl,
      SLIPWAY_REGISTRY_URL: consoleUrl,
      SLIPWAY_TRACE_MS: '500',
    }),
  ]);
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedServer, freePort, startService } from '#embedded';

/** What the monitor, the submitter and the bridge of the demo share. */
export interface GridServicesOptions {
  readonly directory: string;
  /** What all services are told: broker, key ring, where settings come from. */
  readonly common: Readonly<Record<string, string>>;
  readonly postgresUrl: string;
  /** The port that the monitor listens on: the registry was told before. */
  readonly monitorPort: number;
  /** Of the page, for links, and of the registry that tells what was published before. */
  readonly consoleUrl: string;
}

/** Starts what brings CI jobs to the batch system and back: each knows the others by the bus, and the monitor's address. */
export async function startGridServices(
  { directory, common, postgresUrl, monitorPort, consoleUrl }: GridServicesOptions,
  keep: (service: EmbeddedServer) => EmbeddedServer,
): Promise<readonly EmbeddedServer[]> {
  const state = join(directory, 'grid');
  mkdirSync(state, { recursive: true });
  const start = async (
    name: string,
    port: number,
    env: Readonly<Record<string, string>>,
  ): Promise<EmbeddedServer> =>
    keep(
      await startService({
        name,
        directory: join(directory, name),
        env: {
          ...common,
          SLIPWAY_POSTGRES_URL: postgresUrl,
          SLIPWAY_MONITOR_URL: `http://127.0.0.1:${monitorPort}`,
          SLIPWAY_STATE_DIRECTORY: state,
          SLIPWAY_HTTP_PORT: String(port),
          ...env,
        },
      }),
    );
  return Promise.all([
    start('status-monitor', monitorPort, {
      SLIPWAY_POLL_SECONDS: '1',
      SLIPWAY_OUTPUT_DIRECTORY: join(state, 'outputs'),
    }),
    start('grid-submitter', await freePort(), {}),
    start('gitlab-bridge', await freePort(), {
      SLIPWAY_STATE_DIRECTORY: join(directory, 'gitlab-bridge'),
      SLIPWAY_CONSOLE_URL: consoleUrl,
      SLIPWAY_REGISTRY_URL: consoleUrl,
      SLIPWAY_TRACE_MS: '500',
    }),
  ]);
}

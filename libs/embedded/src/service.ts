import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from './environment.js';
import { answersHttp } from './probes.js';
import { type EmbeddedServer, privateDirectory, startServer } from './server.js';

/** Which of our services is started, from `dist/`, and with which settings: none of ours reach it. */
export interface EmbeddedServiceOptions {
  /** As in `apps/<name>`. */
  readonly name: string;
  /** Its working directory and log. */
  readonly directory: string;
  /** Its settings; SLIPWAY_HTTP_PORT must be among them. It listens on the loopback address unless told. */
  readonly env: Environment & { readonly SLIPWAY_HTTP_PORT: string };
}

const dist = new URL('../../../', import.meta.url);

/** Starts one of our services as a process of its own, and waits until it is ready. Its log is a file. */
export async function startService({
  name,
  directory,
  env,
}: EmbeddedServiceOptions): Promise<EmbeddedServer> {
  privateDirectory(directory);
  return startServer({
    name,
    command: {
      program: process.execPath,
      args: ['--enable-source-maps', fileURLToPath(new URL(`apps/${name}/src/main.js`, dist))],
      env: { SLIPWAY_HTTP_HOST: '127.0.0.1', ...env },
      directory,
      logFile: join(directory, `${name}.log`),
    },
    stopSignal: 'SIGTERM',
    stopDeadlineMs: 30_000,
    probe: () => answersHttp(`http://127.0.0.1:${env.SLIPWAY_HTTP_PORT}/health/ready`, [200]),
  });
}

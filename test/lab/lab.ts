import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedServer, listenOnFreePort, startPostgres, startRabbitmq } from '#embedded';
import { toAppError } from '#errors';
import { type LabConfig } from './config.js';
import { startCondor } from './grid/condor.js';
import { startDiracx } from './grid/diracx.js';
import { startSlurm } from './grid/slurm.js';

/** What a test file needs to reach a server of the run. */
export interface ServerAddress {
  readonly url: string;
  /** RabbitMQ only: base address of its management plugin. */
  readonly managementUrl?: string;
}

/** The servers of a test run, asked for over HTTP because each test file is a process of its own. */
export interface Lab {
  /**
   * Where `GET /rabbitmq` and `GET /postgres` answer with a ServerAddress, `GET /condor` with a CondorAddress,
   * `GET /slurm` with a SlurmAddress, `GET /diracx` with a Diracx.
   */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * One RabbitMQ, one PostgreSQL and one of each batch system for a whole test run, each started when the first test file
 * asks for it: files of pure logic wait for none.
 */
export async function openLab(config: LabConfig): Promise<Lab> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-test-'));
  // PostgreSQL may run as somebody else below it.
  chmodSync(directory, 0o711);
  const started: EmbeddedServer[] = [];
  const keep = <Server extends EmbeddedServer>(server: Server): Server => {
    started.push(server);
    return server;
  };
  const servers: Record<string, () => Promise<object>> = {
    rabbitmq: onceOnly(async (): Promise<ServerAddress> => {
      const { url, managementUrl } =
        external(config) ?? keep(await startRabbitmq({ directory: join(directory, 'rabbitmq') }));
      return { url, ...(managementUrl !== undefined && { managementUrl }) };
    }),
    postgres: onceOnly(async (): Promise<ServerAddress> => {
      const { postgresUrl } = config;
      if (postgresUrl !== undefined) return { url: postgresUrl };
      return { url: keep(await startPostgres({ directory: join(directory, 'postgres'), fast: true })).url };
    }),
    condor: onceOnly(async () => keep(await startCondor({ directory: join(directory, 'condor') })).address),
    slurm: onceOnly(async () => keep(await startSlurm({ directory: join(directory, 'slurm') })).address),
    diracx: onceOnly(async () => keep(await startDiracx({ directory: join(directory, 'diracx') })).address),
  };

  // The answers hold passwords, and every user of the machine can reach the port.
  const secretPath = `/${randomUUID()}/`;
  const http = createServer((request, response) => {
    const path = request.url ?? '';
    const start = path.startsWith(secretPath) ? servers[path.slice(secretPath.length)] : undefined;
    const answer = (status: number, body: object): unknown =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (start === undefined) answer(404, { message: 'the lab has no such server' });
    else {
      start().then(
        (address) => answer(200, address),
        (error: unknown) => answer(500, { message: toAppError(error).message }),
      );
    }
  });
  const port = await listenOnFreePort(http);
  return {
    url: `http://127.0.0.1:${port}${secretPath}`,
    close: async () => {
      http.closeAllConnections();
      http.close();
      await Promise.all(started.map((server) => server.kill()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function external(config: LabConfig): ServerAddress | undefined {
  if (config.amqpUrl === undefined) return undefined;
  const management = `http://${new URL(config.amqpUrl).hostname}:15672`;
  return { url: config.amqpUrl, managementUrl: config.managementUrl ?? management };
}

function onceOnly<Result>(start: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => (result ??= start());
}

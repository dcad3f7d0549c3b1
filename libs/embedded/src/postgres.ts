import { chownSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Client } from 'pg';
import { type ChildCommand, runToEnd } from './child.js';
import { handOver, unprivilegedOwner } from './owner.js';
import { keptPassword } from './password.js';
import { freePort } from './ports.js';
import { findProgram } from './programs.js';
import { type EmbeddedServer, privateDirectory, startServer } from './server.js';

/** Where a server keeps its data. `fast` must not be given for data that anybody wants to keep. */
export interface PostgresOptions {
  /** Its data and log; reused when it holds some already. As root it must be reachable by the user `postgres`. */
  readonly directory: string;
  /** A free one is taken unless told. */
  readonly port?: number;
  /** Gives up what survives a power cut, for tests: nothing is flushed to disk. */
  readonly fast?: boolean;
}

/** A server that answers; the password in `url` is kept in its directory over restarts. */
export interface PostgresServer extends EmbeddedServer {
  /** Address of the database `postgres` with a superuser's name and password in it. */
  readonly url: string;
  readonly port: number;
}

const userName = 'slipway';
const fastSettings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** Starts a PostgreSQL server of its own on 127.0.0.1 alone. It refuses to be root, and is then the user `postgres`. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const program = findProgram({
    name: 'PostgreSQL',
    candidates: ['/usr/lib/postgresql/*/bin/postgres', '/usr/local/bin/postgres', '/usr/bin/postgres'],
    install: 'apt-get install postgresql',
  });
  const directory = privateDirectory(resolve(options.directory));
  const user = unprivilegedOwner(['postgres', 'nobody']);
  if (user !== undefined) handOver(directory, user);
  const port = options.port ?? (await freePort());
  const password = keptPassword(join(directory, 'password'));
  if (user !== undefined) chownSync(join(directory, 'password'), user.uid, user.gid);
  const common = { directory, logFile: join(directory, 'postgres.log'), ...(user && { user }) };
  await initialise(join(dirname(program), 'initdb'), common);

  const url = `postgres://${userName}:${password}@127.0.0.1:${port}/postgres`;
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    // A socket's path would be too long for many a directory, and nobody needs it.
    'unix_socket_directories=',
    'max_connections=200',
    ...(options.fast === true ? fastSettings : []),
  ];
  const server = await startServer({
    name: 'postgres',
    command: {
      ...common,
      program,
      args: ['-D', join(directory, 'data'), ...settings.flatMap((setting) => ['-c', setting])],
    },
    // Its "fast" shutdown: open transactions are rolled back. SIGTERM would wait for clients to leave.
    stopSignal: 'SIGINT',
    probe: () => answersSql(url),
  });
  return Object.assign(server, { url, port });
}

/** Makes the database files, unless they are there; under another name until complete, for initdb can be killed. */
async function initialise(program: string, common: Omit<ChildCommand, 'program' | 'args'>): Promise<void> {
  const data = join(common.directory, 'data');
  if (existsSync(data)) return;
  const unfinished = join(common.directory, 'data.unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  const access = [
    '--username',
    userName,
    '--pwfile',
    join(common.directory, 'password'),
    '--auth',
    'scram-sha-256',
  ];
  const kind = ['--encoding', 'UTF8', '--locale', 'C', '--no-sync'];
  await runToEnd({ ...common, program, args: ['--pgdata', unfinished, ...access, ...kind] });
  renameSync(unfinished, data);
}

async function answersSql(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // Without a listener, a connection that breaks while it is being closed would end this process.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end().catch(() => {});
  }
}

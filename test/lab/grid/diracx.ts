import { execFile, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type EmbeddedServer, type Environment, freePort, startServer } from '#embedded';

const venvScript = fileURLToPath(new URL('../../../../bin/diracx-venv', import.meta.url));
const run = promisify(execFile);

/** What a test file, or another process, needs to reach a DiracX. */
export interface Diracx {
  /** Base address, `http://127.0.0.1:port`. */
  readonly url: string;
  readonly vo: string;
  readonly group: string;
  /** Members of that group; any of them may be asked for with the key. */
  readonly users: readonly [string, string];
  /** The key of the legacy exchange, as a client sends it. */
  readonly key: string;
  /** Programs and libraries of the server's own Python. */
  readonly python: string;
  /** The server's database of jobs: SQLite. */
  readonly jobDatabase: string;
}

/** One that this process started. */
export type OwnDiracx = EmbeddedServer & { readonly address: Diracx };

/** `directory` holds its databases, its sandboxes and its configuration. */
export interface DiracxOptions {
  readonly directory: string;
  /** How long its access tokens are good for, in minutes; 20 unless told. */
  readonly tokenMinutes?: number;
}

/** Why no DiracX can run here, fit for the name of a skipped test. Undefined when it can. */
export function whyNoDiracx(): string | undefined {
  const { status, stderr, error } = spawnSync(venvScript, ['--check'], { encoding: 'utf8' });
  if (status === 0) return undefined;
  return `SKIPPED, no DiracX server here: ${error?.message ?? stderr.trim()}`;
}

/**
 * Starts DiracX's own server with an object store for its sandboxes, on free ports of the loopback address. Nothing runs
 * its jobs: no pilot comes for them. The first time on a machine pip fetches it, which takes a minute or two.
 */
export async function startDiracx({ directory, tokenMinutes = 20 }: DiracxOptions): Promise<OwnDiracx> {
  const { stdout } = await run(venvScript, { maxBuffer: 1e7 });
  const bin = join(stdout.trim(), 'bin');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const key = randomBytes(32);
  const configuration = await makeConfiguration(join(directory, 'configuration'));
  const [port, storePort] = [await freePort(), await freePort()];
  const [url, storeUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${storePort}`];
  const store = await startStore(bin, directory, storePort);
  try {
    const env = environment({ url, storeUrl, directory, configuration, key, tokenMinutes });
    const server = await startApi(bin, directory, port, env);
    const address: Diracx = {
      url,
      vo,
      group,
      users,
      key: `diracx:legacy:${base64url(key)}`,
      python: join(bin, 'python'),
      jobDatabase: join(directory, 'JobDB.db'),
    };
    const end = server.kill.bind(server);
    return Object.assign(server, {
      address,
      kill: async () => {
        await end();
        await store.kill();
      },
    });
  } catch (error) {
    await store.kill();
    throw error;
  }
}

/** For the sandboxes; it speaks S3. */
const startStore = (bin: string, directory: string, port: number): Promise<EmbeddedServer> =>
  startServer({
    name: 'diracx-store',
    command: {
      program: join(bin, 'moto_server'),
      args: ['-H', '127.0.0.1', '-p', String(port)],
      directory,
      logFile: join(directory, 'store.log'),
    },
    stopSignal: 'SIGTERM',
    startDeadlineMs: 120_000,
    probe: () => answers(`http://127.0.0.1:${port}`),
  });

const startApi = (bin: string, directory: string, port: number, env: Environment): Promise<EmbeddedServer> =>
  startServer({
    name: 'diracx',
    command: {
      program: join(bin, 'uvicorn'),
      args: ['--factory', 'diracx.testing.routers:create_app', '--host', '127.0.0.1', '--port', String(port)],
      env,
      directory,
      logFile: join(directory, 'diracx.log'),
    },
    stopSignal: 'SIGTERM',
    startDeadlineMs: 120_000,
    probe: () => answers(`http://127.0.0.1:${port}/api/health/ready`),
  });

const vo = 'grid';
const group = 'user';
const users = ['ada', 'grace'] as const;
const databaseNames =
  'AuthDB JobDB JobLoggingDB PilotAgentsDB ResourceStatusDB SandboxMetadataDB TaskDB TaskQueueDB TransformationDB';

interface Setup {
  readonly url: string;
  readonly storeUrl: string;
  readonly directory: string;
  readonly configuration: string;
  readonly key: Buffer;
  readonly tokenMinutes: number;
}

function environment(setup: Setup): Environment {
  const { url, storeUrl, directory, configuration, key, tokenMinutes } = setup;
  const keys = join(directory, 'jwks.json');
  const { privateKey } = generateKeyPairSync('ed25519');
  const use = { alg: 'Ed25519', kid: randomUUID(), key_ops: ['sign', 'verify'] };
  const jwks = { keys: [{ ...privateKey.export({ format: 'jwk' }), ...use }] };
  writeFileSync(keys, JSON.stringify(jwks), { mode: 0o600 });
  const sqlite = (name: string): string => `sqlite+aiosqlite:///${join(directory, name)}.db`;
  const databases = databaseNames
    .split(' ')
    .map((name) => [`DIRACX_DB_URL_${name.toUpperCase()}`, sqlite(name)]);
  const s3 = { endpoint_url: storeUrl, aws_access_key_id: 'lab', aws_secret_access_key: 'lab' };
  return {
    ...(Object.fromEntries(databases) as Record<string, string>),
    DIRACX_OS_DB_JOBPARAMETERSDB: JSON.stringify({ sqlalchemy_dsn: sqlite('JobParametersDB') }),
    DIRACX_CONFIG_BACKEND_URL: `git+file://${configuration}`,
    DIRACX_SERVICE_AUTH_TOKEN_KEYSTORE: `file://${keys}`,
    DIRACX_SERVICE_AUTH_STATE_KEY: randomBytes(32).toString('base64'),
    DIRACX_SERVICE_AUTH_TOKEN_ISSUER: url,
    DIRACX_SERVICE_AUTH_ALLOWED_REDIRECTS: JSON.stringify([`${url}/docs/oauth2-redirect`]),
    DIRACX_SERVICE_AUTH_ACCESS_TOKEN_EXPIRE_MINUTES: String(tokenMinutes),
    DIRACX_SANDBOX_STORE_BUCKET_NAME: 'sandboxes',
    DIRACX_SANDBOX_STORE_AUTO_CREATE_BUCKET: 'true',
    DIRACX_SANDBOX_STORE_S3_CLIENT_KWARGS: JSON.stringify(s3),
    DIRACX_LEGACY_EXCHANGE_HASHED_API_KEY: createHash('sha256').update(key).digest('hex'),
    // The store's client asks a server of Amazon's for credentials otherwise.
    AWS_EC2_METADATA_DISABLED: 'true',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** DiracX reads its configuration out of a git repository. */
async function makeConfiguration(directory: string): Promise<string> {
  const ids = users.map((user) => ({ user, id: randomUUID() }));
  const registry = {
    DefaultGroup: group,
    IdP: { ClientID: 'lab', URL: 'https://idp.invalid' },
    Groups: { [group]: { Properties: ['NormalUser'], Quota: null, Users: ids.map(({ id }) => id) } },
    Users: Object.fromEntries(ids.map(({ user, id }) => [id, { PreferedUsername: user }])),
  };
  const configuration = { DIRAC: {}, Operations: { [vo]: {} }, Registry: { [vo]: registry } };
  mkdirSync(directory);
  // YAML contains JSON.
  writeFileSync(join(directory, 'default.yml'), JSON.stringify(configuration));
  const git = (...args: readonly string[]): Promise<unknown> =>
    run('git', ['-c', 'user.name=lab', '-c', 'user.email=lab@example.org', ...args], { cwd: directory });
  await git('init', '--quiet', '--initial-branch=master');
  await git('add', 'default.yml');
  await git('commit', '--quiet', '--message=configuration');
  return directory;
}

/** DiracX takes no key without its padding. */
const base64url = (bytes: Buffer): string =>
  bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');

async function answers(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
}

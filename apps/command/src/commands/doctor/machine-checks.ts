import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CvmfsRepositorySettings } from '#contracts';
import type { SlipwayFile } from '#settings';
import type { Context, Environment } from '../../context.js';
import { size } from '../../output/words.js';
import { check, fail, type Finding, ok, warn, withoutSecrets } from './finding.js';

/** Less free space than this makes publishing fail soon. */
const littleBytes = 20e9;

const connectTimeoutMs = 5_000;

/** The oldest Node that works, as package.json says. */
export function nodeCheck(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19)
    ? ok('Node', version)
    : fail('Node', `${version} is too old`, 'install Node 24; 20.19 is the oldest that works');
}

/** The services' broker and database, where their addresses are given. */
export async function* serverChecks({ amqpUrl, postgresUrl }: Environment): AsyncGenerator<Finding> {
  if (amqpUrl !== undefined) {
    for (const url of amqpUrl.split(',').map((each) => each.trim())) yield await brokerCheck(url);
  }
  if (postgresUrl !== undefined) yield await databaseCheck(postgresUrl);
}

const brokerCheck = (url: string): Promise<Finding> =>
  check(
    'broker',
    `is RabbitMQ up at ${withoutSecrets(url)}, and are user, password and virtual host right?`,
    async () => {
      const { connect } = await import('amqplib');
      const connection = await connect(url, { timeout: connectTimeoutMs });
      const { product, version } = connection.connection.serverProperties;
      await connection.close();
      return ok('broker', `${product} ${version} at ${withoutSecrets(url)}`);
    },
  );

const databaseCheck = (url: string): Promise<Finding> =>
  check(
    'database',
    `is PostgreSQL up at ${withoutSecrets(url)}, and are user, password and database right?`,
    async () => {
      const { default: pg } = await import('pg');
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
      client.on('error', () => {});
      await client.connect();
      try {
        const { rows } = await client.query<{ readonly server_version: string }>('show server_version');
        return ok('database', `PostgreSQL ${rows[0]?.server_version ?? ''} at ${withoutSecrets(url)}`);
      } finally {
        await client.end();
      }
    },
  );

/** What publishing needs here. */
export async function* publishingChecks(file: SlipwayFile, context: Context): AsyncGenerator<Finding> {
  for (const repository of file.cvmfsRepositories) {
    yield* cvmfsChecks(repository, context.environment.path);
  }
  if (
    file.imageRules.some(({ imageSource }) => imageSource === 'docker') ||
    context.environment.dockerHost !== undefined
  ) {
    yield await dockerCheck(context.environment.dockerHost ?? 'unix:///var/run/docker.sock');
  }
  yield* batchChecks(file, context.environment.path);
}

function* cvmfsChecks(
  { name, driver, path, server }: CvmfsRepositorySettings,
  search: string,
): Generator<Finding> {
  const title = `CVMFS ${name}`;
  if (driver === 'cvmfs_server') {
    const tool = server.tool ?? programIn(search, 'cvmfs_server');
    yield tool !== undefined && isExecutable(tool)
      ? ok(title, `${tool} is there`)
      : fail(
          title,
          `${tool ?? 'cvmfs_server'} is not there`,
          'install the package cvmfs-server, or set server.tool',
        );
    const spool = server.spoolDirectory ?? `/var/spool/cvmfs/${name}`;
    yield isDirectory(spool)
      ? spaceFinding(title, spool)
      : fail(title, `there is no ${spool}`, `create the repository: cvmfs_server mkfs -o $(id -un) ${name}`);
    if (!isDirectory(path)) yield fail(title, `${path} is not mounted`, `cvmfs_server mount ${name}`);
    return;
  }
  if (!isDirectory(path)) yield fail(title, `there is no directory ${path}`, `mkdir -p ${path}`);
  else if (!isWritable(path))
    yield fail(
      title,
      `${path} cannot be written by you`,
      `chown it to who runs cvmfs-publisher, or run doctor as them`,
    );
  else yield spaceFinding(title, path);
}

function spaceFinding(title: string, path: string): Finding {
  const { bavail, bsize, ffree, files } = statfsSync(path);
  const free = bavail * bsize;
  if (files > 0 && ffree < 1_000_000)
    return warn(title, `${path}: ${ffree} inodes free`, 'a large image has a million files: make room');
  return free < littleBytes
    ? warn(title, `${path}: ${size(free)} free`, 'an image needs several GB: make room')
    : ok(title, `${path} is writable, ${size(free)} free`);
}

const dockerCheck = (address: string): Promise<Finding> =>
  check(
    'Docker engine',
    `is it up at ${withoutSecrets(address)}, and may you use it (group docker)?`,
    async () => {
      const { default: Docker } = await import('dockerode');
      const options = address.startsWith('unix://')
        ? { socketPath: address.slice('unix://'.length) }
        : optionsOf(address);
      const engine = new Docker({ ...options, timeout: connectTimeoutMs });
      const { Version } = await engine.version();
      return ok('Docker engine', `${Version} at ${withoutSecrets(address)}`);
    },
  );

function optionsOf(address: string): { host: string; port: number; protocol: 'http' | 'https' } {
  const url = new URL(address.replace(/^tcp:/, 'http:'));
  return {
    host: url.hostname,
    port: Number(url.port || 2375),
    protocol: url.protocol === 'https:' ? 'https' : 'http',
  };
}

const toolsOf: Readonly<Record<string, readonly string[]>> = {
  htcondor: ['condor_submit', 'condor_q'],
  slurm: ['sbatch', 'squeue'],
};

function* batchChecks({ backends }: SlipwayFile, search: string): Generator<Finding> {
  for (const { name, kind, url } of backends) {
    for (const tool of url === undefined ? (toolsOf[kind] ?? []) : []) {
      const found = programIn(search, tool);
      yield found === undefined
        ? fail(
            `backend ${name}`,
            `${tool} is not on the path`,
            `install ${kind === 'slurm' ? 'slurm-client' : 'htcondor'} here`,
          )
        : ok(`backend ${name}`, `${found} is there`);
    }
  }
}

const programIn = (search: string, name: string): string | undefined =>
  search
    .split(':')
    .map((directory) => join(directory, name))
    .find(isExecutable);

function can(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

const isExecutable = (path: string): boolean => can(path, constants.X_OK);
const isWritable = (path: string): boolean => can(path, constants.W_OK);
const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

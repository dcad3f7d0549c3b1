import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  type EmbeddedServer,
  freePort,
  startDockerRegistry,
  startPostgres,
  startRabbitmq,
  startService,
} from '#embedded';
import { type SlipwayRegistry, slipway, startRegistry } from './slipway-registry.js';

/** Everything that runs in the demo. */
export interface Site {
  readonly registry: string;
  readonly amqpUrl: string;
  /** The directory that stands for the CVMFS repository. */
  readonly cvmfs: string;
  readonly settingsFile: string;
  readonly slipway: SlipwayRegistry;
  /** Makes the first admin, once. */
  readonly bootstrapKey: string;
  readonly services: readonly EmbeddedServer[];
  stop(): Promise<void>;
}

const CVMFS_REPOSITORY = 'unpacked.demo.slipway';

/** Starts all of it below a directory; `say` hears what is started and what for. Stops what it started when it fails. */
export async function startSite(directory: string, say: (line: string) => void): Promise<Site> {
  const running: EmbeddedServer[] = [];
  const keep = <Server extends EmbeddedServer>(server: Server): Server => {
    running.push(server);
    return server;
  };
  const stop = async (): Promise<void> => {
    // Last started, first stopped: a service that loses its broker first would only complain.
    for (const server of running.splice(0).reverse()) await server.stop();
  };
  try {
    return { ...(await startParts(directory, say, keep)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  directory: string,
  say: (line: string) => void,
  keep: <Server extends EmbeddedServer>(server: Server) => Server,
): Promise<Omit<Site, 'stop'>> {
  say('starting RabbitMQ (the bus) and PostgreSQL (what is registered, and what is published where)');
  const [rabbitmq, postgres] = await Promise.all([
    startRabbitmq({ directory: join(directory, 'rabbitmq') }).then(keep),
    startPostgres({ directory: join(directory, 'postgres') }).then(keep),
  ]);
  const relayPort = await freePort();
  const secret = randomBytes(24).toString('base64url');
  say('starting registry (the API and the page), and docker-registry (it will send the notification itself)');
  const [own, registry] = await Promise.all([
    startRegistry({ directory, amqpUrl: rabbitmq.url, postgresUrl: postgres.url }, keep),
    startDockerRegistry({
      directory: join(directory, 'registry'),
      notifications: [
        {
          name: 'slipway',
          url: `http://127.0.0.1:${relayPort}/hooks/demo-registry`,
          headers: { Authorization: `Bearer ${secret}` },
        },
      ],
    }).then(keep),
  ]);
  const settings = writeSettings(directory, registry.host, secret);
  say(`registering by slipway apply -f ${settings.file}`);
  process.stderr.write(indented(await slipway(own.commandHome, ['apply', '-f', settings.file])));
  const common = {
    SLIPWAY_REGISTRY: 'on',
    SLIPWAY_KEY_RING: own.keyRing,
    SLIPWAY_HTTP_HOST: '127.0.0.1',
    SLIPWAY_AMQP_URL: rabbitmq.url,
  };
  say('starting webhook-relay (registry → bus) and cvmfs-publisher (bus → tree)');
  say('ending the key that this was registered with: the registry prints a new bootstrap key, for you');
  const [bootstrapKey, ...services] = await Promise.all([
    own.handOver(),
    startService({
      name: 'webhook-relay',
      directory: join(directory, 'webhook-relay'),
      env: {
        ...common,
        SLIPWAY_HTTP_PORT: String(relayPort),
        SLIPWAY_STATE_DIRECTORY: join(directory, 'webhook-relay'),
      },
    }).then(keep),
    startService({
      name: 'cvmfs-publisher',
      directory: join(directory, 'cvmfs-publisher'),
      env: {
        ...common,
        SLIPWAY_HTTP_PORT: String(await freePort()),
        SLIPWAY_POSTGRES_URL: postgres.url,
        SLIPWAY_CACHE_DIRECTORY: join(directory, 'cache'),
        SLIPWAY_STATE_DIRECTORY: join(directory, 'cvmfs-publisher'),
      },
    }).then(keep),
  ]);
  return {
    registry: registry.host,
    amqpUrl: rabbitmq.url,
    cvmfs: settings.cvmfs,
    settingsFile: settings.file,
    slipway: own,
    bootstrapKey,
    services: [own.service, ...services],
  };
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '     ');

function writeSettings(directory: string, registry: string, secret: string): { file: string; cvmfs: string } {
  const cvmfs = join(directory, 'cvmfs', CVMFS_REPOSITORY);
  mkdirSync(cvmfs, { recursive: true });
  const secretFile = join(directory, 'webhook-secret');
  writeFileSync(secretFile, secret, { mode: 0o600 });
  const file = join(directory, 'slipway.yml');
  const settings = {
    sources: [
      { name: 'demo-registry', kind: 'distribution', repositories: ['**'], secrets: [{ file: secretFile }] },
    ],
    registries: [{ host: registry, insecure: true }],
    cvmfsRepositories: [{ name: CVMFS_REPOSITORY, driver: 'directory', path: cvmfs }],
    imageRules: [{ name: 'everything', registry, repository: '**', cvmfsRepository: CVMFS_REPOSITORY }],
  };
  writeFileSync(file, stringify(settings));
  return { file, cvmfs };
}

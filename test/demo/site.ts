import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  type DockerRegistryServer,
  type EmbeddedServer,
  freePort,
  partnersEnvironment,
  startDockerRegistry,
  startPostgres,
  startRabbitmq,
} from '#embedded';
import { startGitLab, type TestGitLab, type TestProject } from '../gitlab/index.js';
import { createDemoProject } from './demo-project.js';
import { startGridServices } from './grid-services.js';
import { startPublishingServices } from './publishing-services.js';
import { writeSettings } from './settings.js';
import { type SlipwayRegistry, slipway, startRegistry } from './slipway-registry.js';

/** Everything that runs in the demo. */
export interface Site {
  readonly registry: string;
  readonly amqpUrl: string;
  /** The directory that stands for the CVMFS repository. */
  readonly cvmfs: string;
  readonly settingsFile: string;
  readonly slipway: SlipwayRegistry;
  /** Stands for a GitLab, with one project in it. */
  readonly gitlab: TestGitLab;
  readonly project: TestProject;
  /** Makes the first admin, once. */
  readonly bootstrapKey: string;
  readonly services: readonly EmbeddedServer[];
  stop(): Promise<void>;
}

interface Stoppable {
  stop(): Promise<void>;
}

/** Has a server stopped with the others. */
type Keep = <Server extends Stoppable>(server: Server) => Server;

/** Starts all of it below a directory; `say` hears what is started and what for. Stops what it started when it fails. */
export async function startSite(directory: string, say: (line: string) => void): Promise<Site> {
  const running: Stoppable[] = [];
  const keep: Keep = (server) => {
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
  keep: Keep,
): Promise<Omit<Site, 'stop'>> {
  say('starting RabbitMQ (the bus) and PostgreSQL (what is registered, and what is published where)');
  const [{ url: amqpUrl }, { url: postgresUrl }] = await Promise.all([
    startRabbitmq({ directory: join(directory, 'rabbitmq') }).then(keep),
    startPostgres({ directory: join(directory, 'postgres') }).then(keep),
  ]);
  const [relayPort, monitorPort] = [await freePort(), await freePort()];
  const monitorUrl = `http://127.0.0.1:${monitorPort}`;
  const webhookSecret = randomBytes(24).toString('base64url');
  say('starting registry (the API and the page), and docker-registry (it will send the notification itself)');
  const [own, registry] = await Promise.all([
    startRegistry({ directory, amqpUrl, postgresUrl, monitorUrl }, keep),
    startNotifyingRegistry(join(directory, 'registry'), relayPort, webhookSecret).then(keep),
  ]);
  say('opening a GitLab that stands for a real one, with a project in it');
  const gitlab = keep(await openGitLab()).server;
  const settings = writeSettings(directory, {
    registry: registry.host,
    webhookSecret,
    gitlabUrl: gitlab.url,
    runnerToken: gitlab.createRunner({ tags: ['grid'] }).token,
  });
  say(`registering by slipway apply -f ${settings.file}`);
  process.stderr.write(indented(await slipway(own.commandHome, ['apply', '-f', settings.file])));
  const partners = { amqpUrl, keyRing: own.keyRing, postgres: { url: postgresUrl } };
  const common = { ...partnersEnvironment(partners), SLIPWAY_REGISTRY: 'on' };
  say('starting webhook-relay (registry → bus) and cvmfs-publisher (bus → tree)');
  const publishing = await startPublishingServices({ directory, common, relayPort }, keep);
  say(
    'starting gitlab-bridge (CI job → bus), grid-submitter (bus → batch system: this machine) and status-monitor',
  );
  const grid = await startGridServices({ directory, common, monitorPort, consoleUrl: own.url }, keep);
  say('ending the key that this was registered with: the registry prints a new bootstrap key, for you');
  const bootstrapKey = await own.handOver();
  return {
    registry: registry.host,
    amqpUrl,
    cvmfs: settings.cvmfs,
    settingsFile: settings.file,
    slipway: own,
    gitlab,
    project: await createDemoProject(gitlab),
    bootstrapKey,
    services: [own.service, ...publishing, ...grid],
  };
}

/** A docker-registry that tells the relay of each push. */
const startNotifyingRegistry = (
  directory: string,
  relayPort: number,
  secret: string,
): Promise<DockerRegistryServer> =>
  startDockerRegistry({
    directory,
    notifications: [
      {
        name: 'slipway',
        url: `http://127.0.0.1:${relayPort}/hooks/demo-registry`,
        headers: { Authorization: `Bearer ${secret}` },
      },
    ],
  });

/** In this process, and stopped with the others. */
async function openGitLab(): Promise<Stoppable & { readonly server: TestGitLab }> {
  const server = await startGitLab();
  return { server, stop: () => server.close() };
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '     ');

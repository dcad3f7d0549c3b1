import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  directoryEnvironment,
  type EmbeddedServer,
  freePort,
  partnersEnvironment,
  startDockerRegistry,
  startPostgres,
  startRabbitmq,
  startService,
} from '#embedded';
import { startGitLab, type TestGitLab, type TestProject } from '../gitlab/index.js';
import { createDemoProject } from './demo-project.js';
import { startGridServices } from './grid-services.js';
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

/** Starts all of it below a directory; `say` hears what is started and what for. Stops what it started when it fails. */
export async function startSite(directory: string, say: (line: string) => void): Promise<Site> {
  const running: Stoppable[] = [];
  const keep = <Server extends Stoppable>(server: Server): Server => {
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
  keep: <Server extends Stoppable>(server: Server) => Server,
): Promise<Omit<Site, 'stop'>> {
  say('starting RabbitMQ (the bus) and PostgreSQL (what is registered, and what is published where)');
  const [rabbitmq, postgres] = await Promise.all([
    startRabbitmq({ directory: join(directory, 'rabbitmq') }).then(keep),
    startPostgres({ directory: join(directory, 'postgres') }).then(keep),
  ]);
  const [relayPort, monitorPort] = [await freePort(), await freePort()];
  const monitorUrl = `http://127.0.0.1:${monitorPort}`;
  const secret = randomBytes(24).toString('base64url');
  say('starting registry (the API and the page), and docker-registry (it will send the notification itself)');
  const [own, registry] = await Promise.all([
    startRegistry({ directory, amqpUrl: rabbitmq.url, postgresUrl: postgres.url, monitorUrl }, keep),
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
  say('opening a GitLab that stands for a real one, with a project in it');
  const gitlab = keep(await openGitLab());
  const runner = gitlab.server.createRunner({ tags: ['grid'] });
  const settings = writeSettings(directory, {
    registry: registry.host,
    webhookSecret: secret,
    gitlabUrl: gitlab.server.url,
    runnerToken: runner.token,
  });
  say(`registering by slipway apply -f ${settings.file}`);
  process.stderr.write(indented(await slipway(own.commandHome, ['apply', '-f', settings.file])));
  const common = {
    ...partnersEnvironment({
      amqpUrl: rabbitmq.url,
      keyRing: own.keyRing,
      postgres: { url: postgres.url },
    }),
    SLIPWAY_REGISTRY: 'on',
  };
  say('starting webhook-relay (registry → bus) and cvmfs-publisher (bus → tree)');
  const publishing = await Promise.all([
    startService({
      name: 'webhook-relay',
      directory: join(directory, 'webhook-relay'),
      env: {
        ...common,
        SLIPWAY_HTTP_PORT: String(relayPort),
        ...directoryEnvironment(join(directory, 'webhook-relay')),
      },
    }).then(keep),
    startService({
      name: 'cvmfs-publisher',
      directory: join(directory, 'cvmfs-publisher'),
      env: {
        ...common,
        SLIPWAY_HTTP_PORT: String(await freePort()),
        ...directoryEnvironment(join(directory, 'cvmfs-publisher')),
      },
    }).then(keep),
  ]);
  say(
    'starting gitlab-bridge (CI job → bus), grid-submitter (bus → batch system: this machine) and status-monitor',
  );
  const grid = await startGridServices({ directory, common, monitorPort, consoleUrl: own.url }, keep);
  say('ending the key that this was registered with: the registry prints a new bootstrap key, for you');
  const bootstrapKey = await own.handOver();
  return {
    registry: registry.host,
    amqpUrl: rabbitmq.url,
    cvmfs: settings.cvmfs,
    settingsFile: settings.file,
    slipway: own,
    gitlab: gitlab.server,
    project: await createDemoProject(gitlab.server),
    bootstrapKey,
    services: [own.service, ...publishing, ...grid],
  };
}

/** In this process, and stopped with the others. */
async function openGitLab(): Promise<Stoppable & { readonly server: TestGitLab }> {
  const server = await startGitLab();
  return { server, stop: () => server.close() };
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '     ');

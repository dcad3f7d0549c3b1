import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { type ChildCommand } from './child.js';
import { keptPassword } from './password.js';
import { freePort } from './ports.js';
import { acceptsConnections, answersHttp } from './probes.js';
import { findProgram } from './programs.js';
import { type EmbeddedServer, privateDirectory, startServer } from './server.js';

/** Where a node keeps its data, and how it differs from a plain one. */
export interface RabbitmqOptions {
  /** Its data, log and configuration; reused when it holds some already. */
  readonly directory: string;
  /** A free one is taken unless told. */
  readonly port?: number;
  /** Further lines of rabbitmq.conf, as `{'vm_memory_high_watermark.absolute': '64MB'}`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A node that answers over AMQP and HTTP; the password in `url` is kept in its directory over restarts. */
export interface RabbitmqServer extends EmbeddedServer {
  /** Address of the default vhost with an administrator's user and password in it. */
  readonly url: string;
  readonly port: number;
  /** Base address of the management plugin, without user and password: the same as in `url`. */
  readonly managementUrl: string;
}

const userName = 'slipway';

/**
 * Starts a RabbitMQ node of its own with its management plugin, on 127.0.0.1 alone, as the current user. It has its own
 * name server (epmd) too: the shared one would stay running after the node and could be a stranger's.
 */
export async function startRabbitmq(options: RabbitmqOptions): Promise<RabbitmqServer> {
  const program = findProgram({
    name: 'RabbitMQ',
    // Debian's /usr/sbin/rabbitmq-server would change to the user rabbitmq.
    candidates: [
      '/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server',
      '/opt/rabbitmq/sbin/rabbitmq-server',
    ],
    install: 'apt-get install rabbitmq-server',
  });
  const directory = privateDirectory(options.directory);
  const port = options.port ?? (await freePort());
  const managementPort = await freePort();
  const names = { epmdPort: await freePort(), distributionPort: await freePort() };
  const password = keptPassword(join(directory, 'password'));
  writeConfiguration(directory, {
    'listeners.tcp.1': `127.0.0.1:${port}`,
    'management.tcp.ip': '127.0.0.1',
    'management.tcp.port': String(managementPort),
    default_user: userName,
    default_pass: password,
    'log.console.level': 'info',
    ...options.settings,
  });
  const managementUrl = `http://127.0.0.1:${managementPort}`;
  const authorization = `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`;
  const server = await startServer({
    name: 'rabbitmq',
    command: {
      program,
      args: [],
      directory,
      logFile: join(directory, 'rabbitmq.log'),
      env: environment(directory, names),
    },
    companion: nameServer(directory, names.epmdPort),
    stopSignal: 'SIGTERM',
    probe: async () => {
      await acceptsConnections(port);
      await answersHttp(`${managementUrl}/api/vhosts/%2F`, [200], { authorization });
    },
  });
  return Object.assign(server, {
    url: `amqp://${userName}:${password}@127.0.0.1:${port}`,
    port,
    managementUrl,
  });
}

interface OwnNames {
  readonly epmdPort: number;
  readonly distributionPort: number;
}

function environment(directory: string, names: OwnNames): Record<string, string> {
  return {
    // Makes the start script become the Erlang machine instead of waiting beside it.
    RUNNING_UNDER_SYSTEMD: 'true',
    RABBITMQ_NODENAME: 'slipway@localhost',
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(directory, 'data'),
    RABBITMQ_LOG_BASE: directory,
    RABBITMQ_LOGS: '-',
    RABBITMQ_DIST_PORT: String(names.distributionPort),
    // It has the machine not to itself: an Erlang scheduler without work would spin on a core that others wait for.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
    ERL_EPMD_PORT: String(names.epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
}

function nameServer(directory: string, port: number): ChildCommand {
  const program = findProgram({
    name: "Erlang's epmd",
    candidates: ['/usr/bin/epmd', '/usr/local/bin/epmd', '/usr/lib/erlang/bin/epmd', '/opt/erlang/bin/epmd'],
    install: 'apt-get install erlang-base',
  });
  return {
    program,
    args: ['-port', String(port), '-address', '127.0.0.1'],
    directory,
    logFile: join(directory, 'epmd.log'),
  };
}

function writeConfiguration(directory: string, settings: Readonly<Record<string, string>>): void {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
  writeFileSync(join(directory, 'rabbitmq.conf'), lines.join(''), { mode: 0o600 });
  writeFileSync(join(directory, 'advanced.config'), '[].\n');
  writeFileSync(join(directory, 'enabled_plugins'), '[rabbitmq_management].\n');
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { passwordFile } from './htpasswd.js';
import { freePort } from './ports.js';
import { answersHttp } from './probes.js';
import { findProgram } from './programs.js';
import { type EmbeddedServer, privateDirectory, startServer } from './server.js';

/** Where the registry sends its events, as in its own configuration file. */
export interface RegistryNotification {
  readonly name: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a registry for tests and demos differs from an open, silent one. */
export interface DockerRegistryOptions {
  /** Its images and log; reused when it holds some already. */
  readonly directory: string;
  readonly notifications?: readonly RegistryNotification[];
  /** Asks everybody for this user and password (HTTP Basic); anybody may push and pull without. */
  readonly auth?: { readonly username: string; readonly password: string };
  /** Asks everybody for a token of this server's, signed by a key whose certificate is in the PEM file. */
  readonly tokenAuth?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly rootcertbundle: string;
  };
  /** A free one is taken unless told. */
  readonly port?: number;
}

/** A registry that answers; it speaks plain HTTP, which Docker allows for this machine's own addresses. */
export interface DockerRegistryServer extends EmbeddedServer {
  /** `127.0.0.1:port`, as it stands in an image's name. */
  readonly host: string;
  readonly port: number;
}

/** Starts a registry (Distribution) over plain HTTP on 127.0.0.1 alone, as the current user. */
export async function startDockerRegistry(options: DockerRegistryOptions): Promise<DockerRegistryServer> {
  const program = findProgram({
    name: 'docker-registry',
    candidates: ['/usr/bin/docker-registry', '/usr/local/bin/registry', '/usr/bin/registry', '/bin/registry'],
    install: 'apt-get install docker-registry',
  });
  const directory = privateDirectory(options.directory);
  const port = options.port ?? (await freePort());
  const host = `127.0.0.1:${port}`;
  const configuration = join(directory, 'config.yml');
  // JSON is YAML; the file may hold passwords in the notifications' headers.
  writeFileSync(configuration, JSON.stringify(await registryConfiguration(options, directory, host)), {
    mode: 0o600,
  });
  const server = await startServer({
    name: 'docker-registry',
    command: { program, args: ['serve', configuration], directory, logFile: join(directory, 'registry.log') },
    stopSignal: 'SIGTERM',
    // It ends by SIGTERM only when told to drain connections; what it holds is files written by rename.
    stopDeadlineMs: 3_000,
    probe: () => answersHttp(`http://${host}/v2/`, [200, 401]),
  });
  return Object.assign(server, { host, port });
}

async function registryConfiguration(
  options: DockerRegistryOptions,
  directory: string,
  host: string,
): Promise<object> {
  const endpoints = (options.notifications ?? []).map(({ name, url, headers = {} }) => ({
    name,
    url,
    headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, [value]])),
    timeout: '5s',
    threshold: 3,
    backoff: '1s',
  }));
  const path = join(directory, 'htpasswd');
  if (options.auth !== undefined) await passwordFile(path, options.auth.username, options.auth.password);
  return {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'images') }, delete: { enabled: true } },
    http: { addr: host, secret: 'only this one instance shares it' },
    ...(endpoints.length > 0 && { notifications: { endpoints } }),
    ...(options.auth && { auth: { htpasswd: { realm: 'slipway', path } } }),
    ...(options.tokenAuth && { auth: { token: options.tokenAuth } }),
  };
}

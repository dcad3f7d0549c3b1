import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type EmbeddedServer, freePort, startService } from '#embedded';

/** Slipway's own registry, with an admin signed in to it by the command. */
export interface SlipwayRegistry {
  /** Of the API and the page. */
  readonly url: string;
  /** What a person signs in with. */
  readonly adminKey: string;
  /** Of the services that read what it seals. */
  readonly keyRing: string;
  /** XDG_CONFIG_HOME of the command. */
  readonly commandHome: string;
  readonly service: EmbeddedServer;
}

export interface RegistryOptions {
  readonly directory: string;
  readonly amqpUrl: string;
  readonly postgresUrl: string;
}

/** Starts it, and signs the command in with the bootstrap key, which is used up by that. */
export async function startRegistry(
  { directory, amqpUrl, postgresUrl }: RegistryOptions,
  keep: (service: EmbeddedServer) => EmbeddedServer,
): Promise<SlipwayRegistry> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const keyRing = `demo:${randomBytes(32).toString('base64')}`;
  const bootstrapKeyFile = join(directory, 'bootstrap-key');
  writeFileSync(bootstrapKeyFile, `slw_bootstrap_${randomBytes(32).toString('base64url')}`, { mode: 0o600 });
  const service = keep(
    await startService({
      name: 'registry',
      directory: join(directory, 'token-registry'),
      env: {
        SLIPWAY_HTTP_HOST: '127.0.0.1',
        SLIPWAY_HTTP_PORT: String(port),
        SLIPWAY_PUBLIC_URL: url,
        SLIPWAY_AMQP_URL: amqpUrl,
        SLIPWAY_POSTGRES_URL: postgresUrl,
        SLIPWAY_KEY_RING: keyRing,
        SLIPWAY_BOOTSTRAP_KEY_FILE: bootstrapKeyFile,
      },
    }),
  );
  const commandHome = join(directory, 'command');
  await slipway(commandHome, ['login', url, '--key-file', bootstrapKeyFile]);
  return { url, adminKey: storedKey(commandHome, url), keyRing, commandHome, service };
}

const main = fileURLToPath(new URL('../../apps/command/src/main.js', import.meta.url));

/** Runs the command as an admin would; what it wrote. Throws with its words where it fails. */
export async function slipway(commandHome: string, args: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], XDG_CONFIG_HOME: commandHome };
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env });
  return stdout;
}

function storedKey(commandHome: string, url: string): string {
  const file = readFileSync(join(commandHome, 'slipway/servers.json'), 'utf8');
  const { servers } = JSON.parse(file) as {
    readonly servers: Readonly<Record<string, { readonly token: string }>>;
  };
  return servers[url]?.token ?? '';
}

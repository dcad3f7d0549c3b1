import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type EmbeddedServer, freePort, newKeyRing, partnersEnvironment, startService } from '#embedded';

/** Slipway's own registry, with an admin signed in to it by the command until it is handed over. */
export interface SlipwayRegistry {
  /** Of the API and the page. */
  readonly url: string;
  /** Of the services that read what it seals. */
  readonly keyRing: string;
  /** XDG_CONFIG_HOME of the command. */
  readonly commandHome: string;
  readonly service: EmbeddedServer;
  /**
   * Leaves it to whoever watches the demo: the admin's key is ended, the command keeps one that reads, and the registry is
   * started anew. With nobody left who is an admin it prints a bootstrap key, as at a first start; that is returned.
   */
  handOver(): Promise<string>;
}

/** The servers that the registry works with; it makes its own key ring. */
export interface RegistryOptions {
  readonly directory: string;
  readonly amqpUrl: string;
  readonly postgresUrl: string;
  /** Of status-monitor: what is asked about jobs is passed on to it. */
  readonly monitorUrl: string;
}

/** Starts it, and signs the command in with the bootstrap key that it prints, which is used up by that. */
export async function startRegistry(
  { directory, amqpUrl, postgresUrl, monitorUrl }: RegistryOptions,
  keep: (service: EmbeddedServer) => EmbeddedServer,
): Promise<SlipwayRegistry> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const keyRing = newKeyRing('demo');
  const service = keep(
    await startService({
      name: 'registry',
      directory: join(directory, 'token-registry'),
      env: {
        ...partnersEnvironment({ amqpUrl, keyRing, postgres: { url: postgresUrl } }),
        SLIPWAY_HTTP_PORT: String(port),
        SLIPWAY_PUBLIC_URL: url,
        SLIPWAY_MONITOR_URL: monitorUrl,
      },
    }),
  );
  const commandHome = join(directory, 'command');
  const keyFile = join(directory, 'key');
  const command = (...args: readonly string[]): Promise<string> => slipway(commandHome, args);
  const signIn = async (key: string): Promise<void> => {
    writeFileSync(keyFile, key, { mode: 0o600 });
    await command('login', url, '--key-file', keyFile);
    rmSync(keyFile);
  };
  await signIn(printedKey(service));
  const handOver = async (): Promise<string> => {
    const { subject } = JSON.parse(await command('whoami', '--json')) as { readonly subject: string };
    const reading = await command('api-keys', 'create', 'demo', '--role', 'reader', '--expires', '30d');
    await command('api-keys', 'revoke', subject.slice('key:'.length), '--yes');
    await service.restart();
    await signIn(reading.trim());
    return printedKey(service);
  };
  return { url, keyRing, commandHome, service, handOver };
}

/** The bootstrap key that the latest start printed. */
function printedKey(service: EmbeddedServer): string {
  const key = service
    .logTail(1_000)
    .match(/slw_bootstrap_[\w-]{43}/g)
    ?.at(-1);
  if (key === undefined) throw new Error('the registry printed no bootstrap key');
  return key;
}

const main = fileURLToPath(new URL('../../apps/command/src/main.js', import.meta.url));

/** Runs the command as an admin would; what it wrote. Throws with its words where it fails. */
export async function slipway(commandHome: string, args: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], XDG_CONFIG_HOME: commandHome };
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env });
  return stdout;
}

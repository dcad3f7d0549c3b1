import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '#embedded';
import { waitFor } from '#lab';
import type { StandInSettings } from './settings.js';

/** An OpenID provider of one's own. */
export interface OpenidStandIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** A JWT of the provider with these claims, and with `iss`, `iat` and `exp` unless told. */
  sign(claims: object): Promise<string>;
  rotateKeys(): Promise<void>;
  /** As if it had crashed. */
  stop(): Promise<void>;
  /** At the same address, with another key. */
  start(): Promise<void>;
}

/** Starts oidc-provider as a process of its own on a free port. `redirectUris` are those of its one client. */
export async function startOpenidProvider(options: {
  readonly redirectUris: readonly string[];
}): Promise<OpenidStandIn> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const client = { clientId: 'slipway', clientSecret: 'the-secret-of-the-client' };
  const settings: StandInSettings = { ...client, port, redirectUris: [...options.redirectUris] };
  let child: ChildProcess | undefined;
  process.once('exit', () => child?.kill('SIGKILL'));
  const post = async (path: string, body = ''): Promise<string> => {
    const response = await fetch(`${issuer}/stand-in/${path}`, { method: 'POST', body });
    if (!response.ok) throw new Error(`${response.status} from the stand-in: ${await response.text()}`);
    return response.text();
  };
  const start = async (): Promise<void> => {
    const main = fileURLToPath(new URL('./main.js', import.meta.url));
    child = spawn(process.execPath, [main, JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const complaints: string[] = [];
    child.stderr?.setEncoding('utf8').on('data', (line: string) => complaints.push(line));
    await waitFor(async () => (await fetch(`${issuer}/.well-known/openid-configuration`)).ok, {
      what: 'the OpenID provider',
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${complaints.join('')}`, { cause: error });
    });
  };
  await start();
  return {
    issuer,
    ...client,
    sign: (claims) => post('jwt', JSON.stringify(claims)),
    rotateKeys: async () => void (await post('rotate-keys')),
    stop: async () => {
      if (!child || child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    start,
  };
}

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { backendResource } from '#contracts';
import { type BackendOptions, type Call } from '#grid';
import type { Diracx } from '#lab';
import { type DiracxBackend, openDiracx } from '../src/backends/diracx/diracx.backend.js';

const pilotScript = fileURLToPath(new URL('../../../../libs/grid/test/diracx-pilot.py', import.meta.url));

/** A backend of that house on a DiracX, and what tests ask of DiracX itself. */
export interface DiracxWorld {
  readonly backend: DiracxBackend;
  readonly call: Call;
  /** Asks DiracX as its first user, past the backend. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** Lets jobs of the house be run; gives what ends that. */
  readonly startPilot: () => Promise<() => Promise<void>>;
}

/** `jobsOfPage`: how many jobs a poll asks for at once, so that a few fill several pages. */
export async function diracxWorld(diracx: Diracx, house: string, jobsOfPage?: number): Promise<DiracxWorld> {
  const { url, vo, group, key, users } = diracx;
  const [username] = users;
  const options: BackendOptions = {
    settings: backendResource.schema.parse({ name: 'dirac', kind: 'diracx', url, vo, group }),
    house,
    directory: '/nonexistent',
    own: { name: 'robot', type: 'diracx-key', username, secret: () => key },
    logger: { info: () => {}, warn: () => {} },
  };
  const token = await signIn(diracx);
  return {
    backend: await openDiracx(options, jobsOfPage),
    call: { signal: AbortSignal.timeout(600_000) },
    ask: async (method, path, body) => {
      const response = await fetch(`${url}/api/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status} from ${path}: ${text}`);
      return JSON.parse(text);
    },
    startPilot: async () => {
      const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TOKEN: token };
      const args = [pilotScript, url, diracx.jobDatabase, `${house}/`];
      const pilot = spawn(diracx.python, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
      const ended = new Promise<void>((resolve) => pilot.once('close', () => resolve()));
      const end = (): boolean => pilot.kill('SIGKILL');
      process.once('exit', end);
      return async () => {
        end();
        await ended;
        process.off('exit', end);
      };
    },
  };
}

async function signIn({ url, vo, group, users, key }: Diracx): Promise<string> {
  const query = new URLSearchParams({ preferred_username: users[0], scope: `vo:${vo} group:${group}` });
  const response = await fetch(`${url}/api/auth/legacy-exchange?${query.toString()}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return ((await response.json()) as { readonly access_token: string }).access_token;
}

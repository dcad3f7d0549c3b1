import type { Me } from '#api';
import { hostname } from 'node:os';
import type { Action } from '../../command-definition.js';
import { registryClient } from '../../clients/registry.client.js';
import type { Context } from '../../context.js';
import { usage } from '../../errors/usage.js';
import type { Input } from '../../input.js';
import { secretFrom, serverAddress, serverUrl } from '../../settings/server-address.js';
import { readServers, writeServers } from '../../settings/server-store.js';
import { meWords } from './me.js';

/** `slipway login`: the key is tried on `GET /me` before it is kept; a bootstrap key is exchanged for another. */
export const login: Action = async (context, input) => {
  const { out, environment, signal } = context;
  const url = await urlFor(context, input);
  if (url.startsWith('http:') && !/^http:\/\/(?:localhost|127\.|\[::1\])/.test(url))
    out.note(out.paint('yellow', `${url} is not encrypted: everybody on the way can read your key`));
  const given = await keyFor(context, input, url);
  if (/\s/.test(given)) throw usage('the key holds space: a key is one word');
  const token = given.startsWith('slw_bootstrap_') ? await exchange(context, url, given) : given;
  const me = await registryClient({ url, token, tokenFrom: 'you' }, signal).get<Me>('/me');
  const stored = readServers(environment.directory);
  writeServers(environment.directory, {
    current: url,
    servers: { ...stored.servers, [url]: { token, name: me.name } },
  });
  await out.result({ url, ...me }, () => `signed in to ${url}: ${meWords(me)}`);
};

/** `slipway logout`: forgets the key on this machine alone; nothing is asked of the registry. */
export const logout: Action = async (context) => {
  const { out, environment } = context;
  const { url } = serverAddress(context);
  const stored = readServers(environment.directory);
  const servers = Object.fromEntries(Object.entries(stored.servers).filter(([each]) => each !== url));
  const { current: before, ...rest } = stored;
  writeServers(environment.directory, {
    ...rest,
    servers,
    ...(before === undefined || before === url ? {} : { current: before }),
  });
  await out.result({ url }, () => `forgot ${url}`);
};

/** The bootstrap key makes one admin key, and is used up by it. */
async function exchange({ out, signal }: Context, url: string, token: string): Promise<string> {
  const registry = registryClient({ url, token, tokenFrom: 'you' }, signal);
  const body = { name: `slipway login at ${hostname()}`, role: 'admin', expiresIn: '400d' };
  const { body: made } = await registry.request<{ readonly key: string }>('POST', '/api-keys', { body });
  out.note('the bootstrap key is used up: an admin key of your own is kept instead, for 400 days');
  return made.key;
}

async function urlFor({ keyboard, url, environment }: Context, input: Input): Promise<string> {
  const given = input.optional('url') ?? url ?? environment.url;
  return serverUrl(given ?? (await keyboard.ask('URL of the registry: ')));
}

async function keyFor({ keyboard, environment }: Context, input: Input, url: string): Promise<string> {
  const file = input.text('keyFile') ?? environment.tokenFile;
  if (file !== undefined) return secretFrom(file);
  if (environment.token !== undefined) return environment.token;
  const key =
    input.flag('keyStdin') || !keyboard.isTerminal
      ? (await keyboard.read()).trim()
      : await keyboard.ask(`API key for ${url}: `, { secret: true });
  if (key === '') throw usage('no key was given');
  return key;
}

import { readFileSync } from 'node:fs';
import { permanent } from '#errors';
import type { Context } from '../context.js';
import { usage } from '../errors/usage.js';
import { readServers } from './server-store.js';

/** Which registry to talk to, and with what. */
export interface ServerAddress {
  readonly url: string;
  readonly token: string | undefined;
  /** Where the token is from, for people. */
  readonly tokenFrom: string;
}

/** An address as it is kept and compared. Throws `command.usage`. */
export function serverUrl(text: string): string {
  const candidate = text.includes('://') ? text : `https://${text}`;
  const url = URL.canParse(candidate) ? new URL(candidate) : undefined;
  const isSlashMissing = /^https?:(?!\/\/[^/]|\d)/i.test(text);
  if (url === undefined || isSlashMissing || !/^https?:$/.test(url.protocol))
    throw usage(`"${text}" is no http or https URL such as https://slipway.example.org`);
  if (url.username || url.password)
    throw usage('the URL of the registry holds a user name or password: a key is given on its own');
  return `${url.origin}${url.pathname.replace(/\/(?:api(?:\/v1)?\/?)?$/, '')}`;
}

/**
 * From --url, the environment, or the last sign-in.
 * @throws AppError `command.not_signed_in` where nothing says which registry.
 */
export function serverAddress({ environment, url }: Pick<Context, 'environment' | 'url'>): ServerAddress {
  const stored = readServers(environment.directory);
  const chosen = url ?? environment.url ?? stored.current;
  if (chosen === undefined) {
    throw permanent(
      'command.not_signed_in',
      'no registry is known: run "slipway login URL", or set SLIPWAY_URL and SLIPWAY_TOKEN',
    );
  }
  const address = serverUrl(chosen);
  if (environment.token !== undefined)
    return { url: address, token: environment.token, tokenFrom: 'SLIPWAY_TOKEN' };
  if (environment.tokenFile !== undefined)
    return { url: address, token: secretFrom(environment.tokenFile), tokenFrom: 'SLIPWAY_TOKEN_FILE' };
  return { url: address, token: stored.servers[address]?.token, tokenFrom: 'slipway login' };
}

/** The secret in a file, without space around it. Throws `command.usage`. */
export function secretFrom(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw usage(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
  if (text === '') throw usage(`${path} is empty`);
  return text;
}

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { permanent } from '#errors';
import type { Call, GridIdentity } from '../../backend.js';
import { read } from './answers.js';
import { refusal } from './refusals.js';
import type { DiracxConnection } from './connection.js';

const granted = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** In minutes. The exchange hands out a refresh token too; nobody uses it, so it is not to live long. */
const refreshTokenMinutes = 1;

interface Held {
  readonly token: string;
  readonly renewAt: number;
  readonly goodUntil: number;
}

/** What DiracX's tokens are asked for: `vo:… group:…`, from the backend's settings. */
export interface TokenScope {
  readonly vo: string;
  readonly group: string;
}

/**
 * Access tokens for identities that have a key of DiracX's legacy exchange. They live in this process's memory only, and
 * whoever asks while one is being fetched waits for that one. Nothing rotates in this exchange, so that several copies
 * of a service, each with tokens of its own, do not take them from one another.
 */
export class TokenSource {
  readonly #connection: DiracxConnection;
  readonly #scope: TokenScope;
  readonly #now: () => number;
  readonly #held = new Map<string, Held>();
  readonly #fetching = new Map<string, Promise<Held>>();

  constructor(connection: DiracxConnection, scope: TokenScope, now: () => number = Date.now) {
    this.#connection = connection;
    this.#scope = scope;
    this.#now = now;
  }

  /**
   * A token that is good now. `spoilt` is one that DiracX did not take: it is not given again. Throws permanent
   * `grid.unauthorized`, temporary `grid.unavailable`.
   */
  async token(identity: GridIdentity, { signal }: Pick<Call, 'signal'>, spoilt?: string): Promise<string> {
    signal.throwIfAborted();
    const user = userOf(identity);
    const key = keyOf(identity);
    // A key that was changed counts at once.
    const slot = createHash('sha256').update(`${user}\n${key}`).digest('hex');
    const held = this.#held.get(slot);
    const usable = held !== undefined && held.token !== spoilt && this.#now() < held.goodUntil;
    if (usable && this.#now() < held.renewAt) return held.token;
    try {
      return (await unlessAborted(this.#fetch(slot, user, key), signal)).token;
    } catch (error) {
      signal.throwIfAborted();
      // There is time until it ends: it is tried again with the next call.
      if (usable) return held.token;
      throw error;
    }
  }

  #fetch(slot: string, user: string, key: string): Promise<Held> {
    const running = this.#fetching.get(slot);
    if (running) return running;
    const fetching = this.#exchange(user, key)
      .then((held) => {
        this.#held.set(slot, held);
        return held;
      })
      .finally(() => this.#fetching.delete(slot));
    this.#fetching.set(slot, fetching);
    return fetching;
  }

  async #exchange(user: string, key: string): Promise<Held> {
    const { vo, group } = this.#scope;
    const query = new URLSearchParams({
      preferred_username: user,
      scope: `vo:${vo} group:${group}`,
      expires_minutes: String(refreshTokenMinutes),
    });
    const asked = this.#now();
    // Several callers wait for it, so that none of them may end it.
    const answer = await this.#connection.send(
      { method: 'GET', path: `api/auth/legacy-exchange?${query.toString()}`, authorization: `Bearer ${key}` },
      new AbortController().signal,
    );
    if (answer.status !== 200) throw refusal(answer, { subject: user, signingIn: true });
    const { access_token: token, expires_in: seconds } = read(granted, answer.body);
    return { token, renewAt: asked + seconds * 500, goodUntil: asked + seconds * 1_000 };
  }
}

/** Whom jobs belong to: the account of the identity mapping, else the credential's own user. */
export function userOf({ name, account, username }: GridIdentity): string {
  const user = account ?? username;
  if (user !== undefined) return user;
  const why = 'does not say whose it is: give the credential a username, or the identity mapping an account';
  throw permanent('grid.unauthorized', `the credential of ${name} ${why}`, { subject: name });
}

function keyOf(identity: GridIdentity): string {
  const refuse = (why: string): Error =>
    permanent('grid.unauthorized', `the credential of ${identity.name} ${why}`, { subject: identity.name });
  if (identity.type !== 'diracx-key') throw refuse(`is a ${identity.type}; DiracX takes a diracx-key`);
  const key = identity
    .secret()
    .trim()
    .replace(/^diracx:legacy:/, '');
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(key)) throw refuse('is no key of the legacy exchange');
  return `diracx:legacy:${key}`;
}

async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

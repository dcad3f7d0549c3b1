import { permanent, temporary } from '#errors';
import { parseChallenges, type Challenge } from './challenge.js';
import { redactedUrl } from './registry-error.js';
import { failureOf, readBody, type Answer, type Transport } from './transport.js';

/** Who we are at a registry: a name and its password (or access token), or a bearer token as it is. */
export type Credentials =
  { readonly username: string; readonly password: string } | { readonly token: string };

/** What the Authorization header says, and until when that is worth saying. */
interface Grant {
  readonly header: string;
  /** Epoch milliseconds. */
  readonly expires: number;
}

/** A token's life when its server does not say (Docker token authentication specification), in seconds. */
const defaultLifeSeconds = 60;
/** A token is renewed this long before its end, so that it does not expire on its way, in milliseconds. */
const marginMs = 5_000;

/**
 * Answers one registry's challenges: nothing, basic or a bearer token from the realm that it names. Tokens are kept
 * per scope until shortly before they expire.
 */
export class Authorizer {
  private readonly grants = new Map<string, Grant>();
  private readonly asking = new Map<string, Promise<Grant | undefined>>();

  constructor(
    private readonly transport: Transport,
    private readonly own: { readonly credentials?: Credentials; readonly onLogin?: () => void },
    /** Whether the registry itself is spoken to over plain http; only then may its realm be. */
    private readonly insecure: boolean,
    private readonly now: () => number = Date.now,
  ) {}

  /** To be told that a request with this header was not refused. */
  taken(header: string | undefined): void {
    if (header !== undefined && header === this.fixedHeader()) this.own.onLogin?.();
  }

  /** The header for this scope as far as it is known without asking. */
  known(scope: string): string | undefined {
    const grant = this.grants.get(scope);
    return grant && grant.expires > this.now() ? grant.header : undefined;
  }

  /**
   * Answers a 401. Returns the header to try again with; fails with `registry.unauthorized` (permanent) when the
   * refused header was the best that can be had.
   */
  async answer(
    refused: Answer,
    url: URL,
    scope: string,
    sent: { readonly header: string | undefined; readonly isFresh: boolean },
    signal?: AbortSignal,
  ): Promise<string> {
    const failure = await failureOf(refused, url);
    // Another request of the same pull may have renewed the token while this one was under way.
    const current = this.known(scope);
    if (current !== undefined && current !== sent.header) return current;
    if (sent.isFresh) throw failure;
    const challenges = parseChallenges(refused.headers['www-authenticate']);
    const grant = await this.shared(scope, () => this.grantFor(challenges, scope, sent.header, signal));
    if (grant === undefined) throw failure;
    this.grants.set(scope, grant);
    return grant.header;
  }

  /** Layers that are refused together ask for one token, not for one each. */
  private async shared(scope: string, ask: () => Promise<Grant | undefined>): Promise<Grant | undefined> {
    const already = this.asking.get(scope);
    if (already) return already;
    const asked = ask().finally(() => this.asking.delete(scope));
    this.asking.set(scope, asked);
    return asked;
  }

  private async grantFor(
    challenges: readonly Challenge[],
    scope: string,
    sent: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Grant | undefined> {
    const fixed = this.fixedHeader();
    const bearer = challenges.find((challenge) => challenge.scheme === 'bearer');
    const { credentials } = this.own;
    if (bearer && !(credentials && 'token' in credentials)) return this.token(bearer, scope, signal);
    if (fixed === undefined || fixed === sent) return undefined;
    return { header: fixed, expires: Infinity };
  }

  private fixedHeader(): string | undefined {
    const { credentials } = this.own;
    if (credentials === undefined) return undefined;
    if ('token' in credentials) return `Bearer ${credentials.token}`;
    const { username, password } = credentials;
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  private async token(
    { parameters }: Challenge,
    wanted: string,
    signal: AbortSignal | undefined,
  ): Promise<Grant> {
    const url = this.realm(parameters.realm);
    if (parameters.service !== undefined) url.searchParams.set('service', parameters.service);
    for (const scope of new Set([wanted, ...(parameters.scope?.split(' ') ?? [])])) {
      if (scope !== '') url.searchParams.append('scope', scope);
    }
    const authorization = this.fixedHeader();
    const asked = this.now();
    const { answer } = await this.transport.get({
      url,
      headers: { accept: 'application/json' },
      ...(authorization === undefined ? {} : { authorization }),
      signal,
    });
    if (answer.statusCode !== 200) throw await failureOf(answer, url);
    if (authorization !== undefined) this.own.onLogin?.();
    const { token, lifeSeconds } = parseToken(await readBody(answer, url, 1024 * 1024), url);
    return { header: `Bearer ${token}`, expires: asked + lifeSeconds * 1000 - marginMs };
  }

  private realm(realm: string | undefined): URL {
    if (realm === undefined || !URL.canParse(realm)) {
      throw permanent(
        'registry.bad_challenge',
        'the registry asks for a token but names no realm to get it from',
      );
    }
    const url = new URL(realm);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && this.insecure)) {
      throw permanent('registry.bad_challenge', `credentials would go unencrypted to ${redactedUrl(url)}`);
    }
    return url;
  }
}

function parseToken(body: Buffer, url: URL): { token: string; lifeSeconds: number } {
  try {
    const said = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    const token = said.token ?? said.access_token;
    // A header cannot carry anything else, and whoever sends it has no good in mind.
    if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) {
      const life = Number(said.expires_in);
      return { token, lifeSeconds: life > 0 ? life : defaultLifeSeconds };
    }
  } catch {
    // Falls through: not JSON is as good as no token.
  }
  throw temporary('registry.unavailable', `${redactedUrl(url)} answered without a token`);
}

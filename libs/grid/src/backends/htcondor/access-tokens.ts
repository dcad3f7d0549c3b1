import { createHash } from 'node:crypto';
import { z } from 'zod';
import { permanent, temporary } from '#errors';
import type { GridIdentity } from '../../backend.js';

/** HTCondor wants the three that write together, or it lets nothing be written. */
const scopes = 'compute.read compute.create compute.modify compute.cancel';
const timeoutMs = 20_000;

/** Who gives tokens, by its URL, and for whom: `tokenIssuer` and `tokenAudience` of the backend. */
export interface TokenIssuer {
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
}

interface Held {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly renewAt: number;
}

const discovery = z.object({ token_endpoint: z.url({ protocol: /^https?$/ }) });
const granted = z.object({ access_token: z.string().min(1), expires_in: z.number().positive().default(600) });

/**
 * Trades client credentials for access tokens (RFC 6749, 4.4), and keeps each in memory until half of its life is over.
 * Throws permanent `grid.unauthorized` where the issuer does not want the client, temporary `grid.unavailable` where it
 * does not answer.
 */
export function accessTokens({ issuer, audience }: TokenIssuer): (identity: GridIdentity) => Promise<string> {
  const held = new Map<string, Held>();
  return async (identity) => {
    if (issuer === undefined) {
      const message = `the credential of ${identity.name} is an iam-client, and the backend names no tokenIssuer`;
      throw permanent('grid.unauthorized', message, { subject: identity.name });
    }
    const { username = '' } = identity;
    const secret = identity.secret().trim();
    // By the secret too, so that a rotated one counts at once.
    const key = createHash('sha256').update(`${username}\n${secret}`).digest('hex');
    const known = held.get(key);
    if (known && known.renewAt > Date.now()) return known.token;
    const asked = Date.now();
    const answer = await grant(issuer, audience, username, secret);
    held.set(key, { token: answer.access_token, renewAt: asked + answer.expires_in * 500 });
    return answer.access_token;
  };
}

async function grant(
  issuer: string,
  audience: string | undefined,
  client: string,
  secret: string,
): Promise<z.output<typeof granted>> {
  const about = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = discovery.safeParse(await ask(issuer, about, {}));
  if (!found.success) throw unavailable(issuer, 'does not say where it gives tokens');
  const parameters = { grant_type: 'client_credentials', scope: scopes, ...(audience && { audience }) };
  // RFC 6749, 2.3.1: both parts are form-encoded first.
  const basic = [client, secret]
    .map((part) => new URLSearchParams([['', part]]).toString().slice(1))
    .join(':');
  const answer = await ask(issuer, found.data.token_endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(basic).toString('base64')}` },
    body: new URLSearchParams(parameters),
  });
  const token = granted.safeParse(answer);
  if (!token.success) throw unavailable(issuer, 'answers with no token');
  return token.data;
}

async function ask(issuer: string, url: string, request: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    // A redirection would carry the secret elsewhere.
    response = await fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw unavailable(issuer, 'does not answer', cause);
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  const code = z.object({ error: z.string() }).safeParse(body).data?.error ?? '';
  if (
    response.status === 401 ||
    /^(?:invalid_client|unauthorized_client|invalid_scope|access_denied)$/.test(code)
  )
    throw permanent('grid.unauthorized', `the token issuer ${issuer} refuses: ${code || response.status}`);
  throw unavailable(issuer, `answers ${response.status} ${code}`.trim());
}

function unavailable(issuer: string, why: string, cause?: unknown): Error {
  return temporary('grid.unavailable', `the token issuer ${issuer} ${why}`, { cause });
}

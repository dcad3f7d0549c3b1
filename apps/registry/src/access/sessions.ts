import type { FastifyReply, FastifyRequest } from 'fastify';
import { permanent } from '#errors';
import type { KeyRing } from '#secrets';
import { z } from 'zod';
import { identityOf, type SignInRules } from '../domain/claims.js';
import type { Identity } from '../domain/identity.js';
import {
  bootstrapPerson,
  isOver,
  isToBeRenewed,
  type Session,
  type SessionLimits,
} from '../domain/session.js';
import type { CookieReader } from '../http/authentication.js';
import { cookieOf, setCookie } from '../http/cookies.js';
import type { ApiKeys } from './api-keys.js';
import { sealedJson, type SealedJson } from './sealed-json.js';

export interface SessionOptions {
  readonly ring: KeyRing;
  readonly limits: SessionLimits;
  readonly rules: SignInRules;
  readonly apiKeys: ApiKeys;
  /** Whether people come by https. */
  readonly secure: boolean;
}

const times = { since: z.number(), seen: z.number() };
const schema: z.ZodType<Session> = z.discriminatedUnion('kind', [
  z.object({
    ...times,
    kind: z.literal('openid'),
    subject: z.string(),
    name: z.string(),
    groups: z.array(z.string()),
  }),
  z.object({ ...times, kind: z.literal('api-key'), id: z.string() }),
  z.object({ ...times, kind: z.literal('bootstrap') }),
]);

const unsafe = /^(?:POST|PUT|PATCH|DELETE)$/;

/** Browsers keep 4 KiB of a cookie and servers take 16 KiB of headers: a session may take some cookies, not many. */
const pieceLength = 3_800;
const mostPieces = 3;

/** Sessions of browsers, kept by themselves in sealed cookies: all copies read them, none has to store them. */
export class Sessions implements CookieReader {
  private readonly sealed: SealedJson<Session>;
  private readonly cookie: string;

  constructor(private readonly options: SessionOptions) {
    this.sealed = sealedJson(options.ring, 'session', schema);
    // The prefix makes a browser refuse it from a subdomain or over plain http (RFC 6265bis, 4.1.3.2).
    this.cookie = options.secure ? '__Host-slipway_session' : 'slipway_session';
  }

  /** Who the cookies say it is; undefined without cookies, or when they have expired. */
  async identify(request: FastifyRequest, reply: FastifyReply): Promise<Identity | undefined> {
    const session = this.read(request);
    if (!session) return undefined;
    // Another site can make a browser post a form to us, but not with a header of its own (SameSite is the other lock).
    if (unsafe.test(request.method) && request.headers['x-slipway-request'] === undefined)
      throw permanent('session.forbidden', 'a change by cookie needs the header X-Slipway-Request: 1', {
        level: 'info',
      });
    const identity = await this.identityOf(session);
    const now = Date.now();
    if (isToBeRenewed(session, this.options.limits, now))
      this.write(request, reply, { ...session, seen: now });
    return identity;
  }

  /** @throws AppError `access.too_large` (permanent) where it does not fit into cookies */
  begin(request: FastifyRequest, reply: FastifyReply, who: StartOf<Session>): void {
    const now = Date.now();
    this.write(request, reply, { ...who, since: now, seen: now });
  }

  end(request: FastifyRequest, reply: FastifyReply): void {
    this.writePieces(request, reply, [], 0);
  }

  private async identityOf(session: Session): Promise<Identity> {
    if (session.kind === 'bootstrap') return bootstrapPerson;
    if (session.kind === 'api-key') return this.options.apiKeys.identifyId(session.id);
    const { subject, name, groups } = session;
    const identity = identityOf({ subject, name, groups }, 'session', this.options.rules);
    if (identity) return identity;
    throw permanent('sign_in.forbidden', `${name} may not come in here`, { level: 'info' });
  }

  private read(request: FastifyRequest): Session | undefined {
    const pieces: string[] = [];
    for (let index = 0; index < mostPieces; index += 1) {
      const piece = cookieOf(request, this.nameOf(index));
      if (!piece) break;
      pieces.push(piece);
    }
    const session = pieces.length === 0 ? undefined : this.sealed.open(pieces.join(''));
    return session && !isOver(session, this.options.limits, Date.now()) ? session : undefined;
  }

  private write(request: FastifyRequest, reply: FastifyReply, session: Session): void {
    const text = this.sealed.seal(session);
    const pieces = text.match(new RegExp(`.{1,${pieceLength}}`, 'g')) ?? [];
    if (pieces.length > mostPieces)
      throw permanent(
        'sign_in.too_many_groups',
        'the provider names more groups than a session can hold; have it send fewer',
      );
    this.writePieces(request, reply, pieces, Math.ceil(this.options.limits.absolute / 1_000));
  }

  private writePieces(
    request: FastifyRequest,
    reply: FastifyReply,
    pieces: readonly string[],
    maxAge: number,
  ): void {
    const { secure } = this.options;
    for (let index = 0; index < mostPieces; index += 1) {
      const name = this.nameOf(index);
      const piece = pieces[index];
      if (piece !== undefined) setCookie(reply, name, piece, { path: '/', maxAge, secure });
      else if (cookieOf(request, name) !== undefined)
        setCookie(reply, name, '', { path: '/', maxAge: 0, secure });
    }
  }

  private nameOf(index: number): string {
    return index === 0 ? this.cookie : `${this.cookie}-${index}`;
  }
}

type StartOf<T> = T extends unknown ? Omit<T, 'since' | 'seen'> : never;

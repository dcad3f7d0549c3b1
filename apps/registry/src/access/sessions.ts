import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { permanent, temporary } from '#errors';
import type { KeyRing } from '#secrets';
import { z } from 'zod';
import { identityOf, type SignInRules } from '../domain/claims.js';
import { type Identity, sealedJson, type SealedJson } from '#access';
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
import type { AuditStore } from '../storage/audit.store.js';
import type { PersonStore } from '../storage/person.store.js';
import type { SessionStore, StoredSession } from '../storage/session.store.js';
import { ShortMemory } from './short-memory.js';

/** What cookies are sealed with, how long they count, and where it is looked up that they still do. */
export interface SessionOptions {
  readonly ring: KeyRing;
  readonly limits: SessionLimits;
  readonly rules: SignInRules;
  readonly apiKeys: ApiKeys;
  /** Whether people come by https. */
  readonly secure: boolean;
  readonly store: SessionStore;
  readonly people: PersonStore;
  readonly audit: AuditStore;
}

const times = { session: z.uuid(), since: z.number(), seen: z.number() };
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

/** So long another copy may take one that was ended for one that counts, in milliseconds. */
const memoryMs = 1_000;
const longestBrowser = 200;

/** Sessions of browsers: who it is stands in sealed cookies, and in the database that it counts still. */
export class Sessions implements CookieReader {
  private readonly sealed: SealedJson<Session>;
  private readonly cookie: string;
  private readonly memory: ShortMemory<StoredSession | undefined>;

  constructor(private readonly options: SessionOptions) {
    this.memory = new ShortMemory((id) => options.store.find(id), memoryMs);
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
    if (!(await this.counts(session.session))) {
      this.writePieces(request, reply, [], 0);
      throw permanent('access.revoked_token', 'this session has been ended; sign in again', {
        level: 'info',
      });
    }
    const identity = await this.identityOf(session);
    const now = Date.now();
    if (isToBeRenewed(session, this.options.limits, now)) {
      this.write(request, reply, { ...session, seen: now });
      await this.options.store.seen(session.session);
    }
    return { ...identity, session: session.session };
  }

  /** @throws AppError `sign_in.too_many_groups` (permanent) where it does not fit into cookies */
  async begin(request: FastifyRequest, reply: FastifyReply, who: StartOf<Session>): Promise<void> {
    const { store, people, limits } = this.options;
    const now = Date.now();
    const session: Session = { ...who, session: randomUUID(), since: now, seen: now };
    this.write(request, reply, session);
    const { subject, name } = await this.identityOf(session);
    if (session.kind === 'openid') await people.signedIn(session);
    const browser = printable(request.headers['user-agent'] ?? '').slice(0, longestBrowser);
    const expiresAt = new Date(now + limits.absolute);
    await store.add({ id: session.session, subject, name, way: session.kind, browser, expiresAt });
  }

  /** Ends the one that the request comes with. */
  async end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const session = this.read(request);
    this.writePieces(request, reply, [], 0);
    if (!session) return;
    await this.options.store.end(session.session);
    this.memory.forget(session.session);
  }

  /** Ends any, at every copy. */
  async revoke({ id, name }: StoredSession, by: Identity): Promise<void> {
    const { store, audit } = this.options;
    const author = { by: by.name, via: by.via };
    await store.transaction(async (manager) => {
      await store.end(id, manager);
      await audit.record(manager, { author, action: 'ended', kind: 'session', name: id, detail: name });
    });
    this.memory.forget(id);
  }

  private async counts(id: string): Promise<boolean> {
    try {
      return (await this.memory.get(id)) !== undefined;
    } catch (cause) {
      throw temporary('database.unavailable', 'the session cannot be looked up now', { cause });
    }
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

type StartOf<T> = T extends unknown ? Omit<T, 'session' | 'since' | 'seen'> : never;

const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?');

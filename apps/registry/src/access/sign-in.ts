import type { FastifyReply, FastifyRequest } from 'fastify';
import { permanent } from '#errors';
import type { KeyRing } from '#secrets';
import { z } from 'zod';
import type { OpenidProvider, PendingSignIn } from '../clients/openid-provider.js';
import { identityOf, type Person, personOf, type SignInRules } from '../domain/claims.js';
import { cookieOf, setCookie } from '../http/cookies.js';
import { sealedJson, type SealedJson } from '#access';
import type { Sessions } from './sessions.js';

/** The way through the provider is kept in a sealed cookie: any copy can finish what another began. */
export interface SignInOptions {
  readonly provider: OpenidProvider;
  readonly sessions: Sessions;
  readonly rules: SignInRules;
  readonly ring: KeyRing;
  readonly secure: boolean;
}

const schema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  to: z.string(),
  until: z.number(),
});

const lifetimeSeconds = 600;
const cookie = 'slipway_sign_in';

/** A person's way through the sign-in provider and back. */
export class SignIn {
  private readonly sealed: SealedJson<PendingSignIn & { readonly to: string; readonly until: number }>;

  constructor(private readonly options: SignInOptions) {
    this.sealed = sealedJson(options.ring, 'sign-in', schema);
  }

  /** The address to send the browser to. */
  async begin(reply: FastifyReply, to: string | undefined): Promise<string> {
    const { url, pending } = await this.options.provider.begin();
    const until = Date.now() + lifetimeSeconds * 1_000;
    this.keep(reply, this.sealed.seal({ ...pending, to: ownPath(to), until }), lifetimeSeconds);
    return url.href;
  }

  /** Begins the session. @returns where the person wanted to go */
  async finish(request: FastifyRequest, reply: FastifyReply): Promise<string> {
    const kept = cookieOf(request, cookie);
    const pending = kept === undefined ? undefined : this.sealed.open(kept);
    this.keep(reply, '', 0);
    if (!pending || pending.until < Date.now())
      throw permanent(
        'sign_in.refused',
        'signing in took too long, or was begun in another browser; please try again',
        {
          level: 'info',
        },
      );
    const query = request.url.slice(request.url.indexOf('?'));
    const claims = await this.options.provider.finish(query, pending);
    const person = merged(claims.flatMap((said) => personOf(said) ?? []));
    if (!identityOf(person, 'session', this.options.rules))
      throw permanent('sign_in.forbidden', `${person.name} may not come in here`, { level: 'info' });
    await this.options.sessions.begin(request, reply, { kind: 'openid', ...person });
    return pending.to;
  }

  private keep(reply: FastifyReply, value: string, maxAge: number): void {
    setCookie(reply, cookie, value, { path: '/auth', maxAge, secure: this.options.secure });
  }
}

/** What the ID token says of a person, with what else is said of their groups. */
function merged(people: readonly Person[]): Person {
  const [first] = people;
  if (!first) throw permanent('sign_in.refused', 'the provider names nobody', { level: 'info' });
  // GitLab and others tell the user name at the userinfo endpoint alone; without one the name is the subject.
  const name = people.map((person) => person.name).find((one) => one !== first.subject) ?? first.subject;
  return { subject: first.subject, name, groups: [...new Set(people.flatMap(({ groups }) => groups))] };
}

/** An address of our own page: a link made by others must not lead elsewhere through us. */
const ownPath = (to: string | undefined): string =>
  to !== undefined && /^\/(?![/\\])[\x20-\x7e]*$/.test(to) && to.length < 1_000 ? to : '/';

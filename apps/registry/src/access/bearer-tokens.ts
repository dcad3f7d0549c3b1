import { decodeJwt } from 'jose';
import { permanent } from '#errors';
import { identityOf, isOfCiJob, personOf, type SignInRules } from '../domain/claims.js';
import type { Identity, IssuerKeys } from '#access';
import type { TokenReader } from '../http/authentication.js';

/** JWTs of the sign-in provider, as programs send them. */
export class BearerTokens implements TokenReader {
  constructor(
    private readonly keys: IssuerKeys,
    private readonly audiences: readonly string[],
    private readonly rules: SignInRules,
  ) {}

  reads(token: string): boolean {
    return isJwt(token);
  }

  async identify(token: string): Promise<Identity> {
    const claims = await this.keys.verify(token, this.audiences);
    // GitLab signs the tokens of CI jobs with the same keys, for an audience that the job's author chooses, and tells of
    // the groups of whoever ran it: as a person's they would give each job the rights of its user.
    if (isOfCiJob(claims))
      throw permanent(
        'access.foreign_token',
        "a CI job's token is to be exchanged at POST /api/v1/token first",
        {
          level: 'info',
        },
      );
    const person = personOf(claims);
    if (!person) throw permanent('access.unknown_token', 'the token names nobody', { level: 'info' });
    const identity = identityOf(person, 'bearer', this.rules);
    if (identity) return identity;
    throw permanent('sign_in.forbidden', `${person.name} may not come in here`, { level: 'info' });
  }
}

/** By its shape alone (RFC 7519): base64url of a JSON object, and two parts more. */
const isJwt = (token: string): boolean => /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(token);

/** Who a token says made it, not checked; undefined where it is none. */
export function issuerOf(token: string): string | undefined {
  try {
    return isJwt(token) ? decodeJwt(token).iss : undefined;
  } catch {
    return undefined;
  }
}

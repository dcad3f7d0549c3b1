import { connectionWords, permanent, temporary } from '#errors';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';

/** Whose tokens are checked. */
export interface IssuerOptions {
  /** As it stands in its tokens, to the letter. */
  readonly issuer: string;
  /** Milliseconds between two looks for a key that is not known: made-up key ids must not make us a hammer. */
  readonly cooldown?: number;
}

const patienceMs = 5_000;
const keysLastMs = 10 * 60_000;
const defaultCooldown = 5_000;
/** Signatures with a key pair alone: with a shared secret, whoever can check a token can make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const metadata = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/** Checks the tokens of one issuer, by the keys that OpenID Connect Discovery leads to. */
export class IssuerKeys {
  private keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;

  constructor(private readonly options: IssuerOptions) {}

  get issuer(): string {
    return this.options.issuer;
  }

  /**
   * The claims of a token that is signed by the issuer, meant for one of these audiences and in force, now or at the time
   * that is given.
   * @throws AppError `access.expired_token`, `access.foreign_token`, `access.unknown_token` (permanent)
   * @throws AppError `sign_in.provider_unavailable` (temporary) where the keys cannot be had
   */
  async verify(token: string, audiences: readonly string[], at?: Date): Promise<JWTPayload> {
    try {
      const keys = await this.discovered();
      const { payload } = await jwtVerify(token, keys, {
        issuer: this.options.issuer,
        audience: [...audiences],
        algorithms,
        clockTolerance: 30,
        ...(at && { currentDate: at }),
        requiredClaims: ['sub', 'exp', 'iat'],
      });
      return payload;
    } catch (error) {
      throw judged(error, this.options.issuer);
    }
  }

  private discovered(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    this.keys ??= this.discover().catch((error: unknown) => {
      this.keys = undefined;
      throw error;
    });
    return this.keys;
  }

  private async discover(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    const { issuer, cooldown = defaultCooldown } = this.options;
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    });
    if (!response.ok) throw new Error(`${response.status} from its discovery document`);
    const { data: document } = metadata.safeParse(await response.json().catch(() => undefined));
    if (!document) throw new Error('its discovery document does not say where its keys are');
    if (document.issuer !== issuer) throw new Error(`it calls itself ${document.issuer}`);
    if (issuer.startsWith('https:') && !document.jwks_uri.startsWith('https:'))
      throw new Error('its keys are not served over https');
    return createRemoteJWKSet(new URL(document.jwks_uri), {
      timeoutDuration: patienceMs,
      cacheMaxAge: keysLastMs,
      cooldownDuration: cooldown,
    });
  }
}

/** What is the token's fault, by the codes of jose. */
const faults: Readonly<Record<string, readonly [string, string]>> = {
  [errors.JWTExpired.code]: ['access.expired_token', 'the token has expired'],
  [errors.JWTClaimValidationFailed.code]: ['access.foreign_token', 'the token was not made for this service'],
  [errors.JWTInvalid.code]: ['access.unknown_token', 'the token is not a valid JWT'],
  [errors.JWSInvalid.code]: ['access.unknown_token', 'the token is not a valid JWT'],
  [errors.JWSSignatureVerificationFailed.code]: [
    'access.unknown_token',
    'the signature of the token is not right',
  ],
  [errors.JWKSNoMatchingKey.code]: [
    'access.unknown_token',
    'the token is signed by a key that its issuer does not have',
  ],
  [errors.JWKSMultipleMatchingKeys.code]: [
    'access.unknown_token',
    'the token does not say which key signed it',
  ],
  [errors.JOSEAlgNotAllowed.code]: [
    'access.unknown_token',
    'the token is signed by an algorithm that is not taken',
  ],
  [errors.JOSENotSupported.code]: [
    'access.unknown_token',
    'the token is signed by an algorithm that is not taken',
  ],
};

function judged(error: unknown, issuer: string): Error {
  const fault = error instanceof errors.JOSEError ? faults[error.code] : undefined;
  if (fault) {
    const claim = error instanceof errors.JWTClaimValidationFailed ? ` (${error.claim})` : '';
    return permanent(fault[0], fault[1] + claim, { level: 'info' });
  }
  const reason = error instanceof errors.JOSEError ? error.message : connectionWords(error);
  const text = `the keys of ${issuer} cannot be had: ${reason}`;
  return temporary('sign_in.provider_unavailable', text, { cause: error });
}

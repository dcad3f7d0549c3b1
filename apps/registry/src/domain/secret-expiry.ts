import { X509Certificate } from 'node:crypto';

/** What a secret says of itself. */
export interface SecretReading {
  /** When the other side stops to take it; undefined where it does not say. */
  readonly expiresAt: Date | undefined;
  /** Why it cannot be what it is said to be. */
  readonly flaw: string | undefined;
}

const certificate = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Types whose secret has a form that can be read. */
const forms: Readonly<Record<string, (secret: string) => SecretReading>> = {
  'x509-proxy': readProxy,
  'htcondor-idtoken': (secret) =>
    jwtClaims(secret)
      ? readJwt(secret)
      : { flaw: 'expected an IDTOKEN, which is a JWT', expiresAt: undefined },
};

/** Reads when a secret of this credential type ends: of a proxy the first of its certificates to end, of a JWT `exp`. */
export function readSecret(type: string, secret: string): SecretReading {
  return (forms[type] ?? readJwt)(secret);
}

function readProxy(secret: string): SecretReading {
  const ends: number[] = [];
  for (const [pem] of secret.matchAll(certificate)) {
    const end = endOf(pem);
    if (end === undefined) return { flaw: 'holds a certificate that cannot be read', expiresAt: undefined };
    ends.push(end);
  }
  if (ends.length === 0 || !privateKey.test(secret))
    return { flaw: 'expected a proxy in PEM: certificates and a private key', expiresAt: undefined };
  return { expiresAt: new Date(Math.min(...ends)), flaw: undefined };
}

function endOf(pem: string): number | undefined {
  try {
    const end = Date.parse(new X509Certificate(pem).validTo);
    return Number.isNaN(end) ? undefined : end;
  } catch {
    return undefined;
  }
}

function readJwt(secret: string): SecretReading {
  const exp = jwtClaims(secret)?.['exp'];
  const isTime = typeof exp === 'number' && exp > 0 && exp < 8_640_000_000_000;
  return { expiresAt: isTime ? new Date(exp * 1_000) : undefined, flaw: undefined };
}

function jwtClaims(secret: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(secret.trim()) ?? [];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return claims !== null && typeof claims === 'object' ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

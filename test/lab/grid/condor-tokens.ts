import { generateKeyPairSync, sign } from 'node:crypto';
import type { Condor } from './condor.js';

const issuer = 'https://tokens.grid-lab.example/';
const audience = 'https://wlcg.cern.ch/jwt/v1/any';
const cache = '/run/condor/cache/scitokens';
const keyId = 'lab';

/** A bearer token is only sent to a server with a certificate. */
export const tokenSettings = `
AUTH_SSL_SERVER_CERTFILE = /etc/condor/lab-host.crt
AUTH_SSL_SERVER_KEYFILE = /etc/condor/lab-host.key
AUTH_SSL_SERVER_CAFILE = /etc/condor/lab-host.crt
AUTH_SSL_CLIENT_CAFILE = /etc/condor/lab-host.crt
CERTIFICATE_MAPFILE = /etc/condor/lab-mapfile
SEC_SCITOKENS_ALLOW_FOREIGN_TOKEN_TYPES = True
SCITOKENS_SERVER_AUDIENCE = ${audience}
`;

/** Whoever the issuer vouches for is the ordinary user here. */
export const tokenMapping = `SCITOKENS "^${issuer.replaceAll('.', String.raw`\.`)},gateway$" grid@grid-lab
SSL (.*) ssl@unmapped
FS (.*) \\1
`;

/** Shell text that makes one for the sandbox, signed by itself, good for 30 days. */
export const certificate = `openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,DNS:grid-lab,IP:127.0.0.1 \
  -keyout /etc/condor/lab-host.key -out /etc/condor/lab-host.crt 2>/dev/null`;

/** Makes WLCG tokens that the HTCondor trusts. */
export interface TokenMint {
  readonly audience: string;
  /** A token of that subject; `gateway` is mapped to the ordinary user, and nobody else. */
  token(subject: string, scope: string): string;
}

/** Has HTCondor trust a key of ours: it finds it where it keeps the keys that it once fetched from issuers. */
export async function issueTokens(condor: Condor): Promise<TokenMint> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: keyId };
  const soon = Math.floor(Date.now() / 1_000) + 86_400;
  const entry = JSON.stringify({ jwks: { keys: [jwk] }, next_update: soon, expires: soon });
  const sql = `CREATE TABLE IF NOT EXISTS keycache (issuer text UNIQUE PRIMARY KEY NOT NULL, keys text NOT NULL);
    INSERT OR REPLACE INTO keycache VALUES ('${issuer}', '${entry}');`;
  await condor.inside('install', '-d', '-o', 'condor', '-g', 'condor', '-m', '700', cache);
  const asCondor = ['--reuid', 'condor', '--regid', 'condor', '--clear-groups', '--'];
  await condor.inside('setpriv', ...asCondor, 'sqlite3', `${cache}/scitokens_cpp.sqllite`, sql);
  return {
    audience: audience,
    token: (subject, scope) => {
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        'wlcg.ver': '1.0',
        iss: issuer,
        sub: subject,
        aud: audience,
        scope,
        iat: now,
        nbf: now,
        exp: now + 600,
        jti: `${subject}-${now}`,
      };
      const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
      const text = `${encode({ alg: 'ES256', kid: keyId, typ: 'JWT' })}.${encode(claims)}`;
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
  };
}

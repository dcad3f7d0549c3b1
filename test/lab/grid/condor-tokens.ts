import { generateKeyPairSync, sign } from 'node:crypto';
import type { Condor } from './condor.js';

const ISSUER = 'https://tokens.grid-lab.example/';
const AUDIENCE = 'https://wlcg.cern.ch/jwt/v1/any';
const CACHE = '/run/condor/cache/scitokens';
const KEY_ID = 'lab';

/** A bearer token is only sent to a server with a certificate. */
export const TOKEN_SETTINGS = `
AUTH_SSL_SERVER_CERTFILE = /etc/condor/lab-host.crt
AUTH_SSL_SERVER_KEYFILE = /etc/condor/lab-host.key
AUTH_SSL_SERVER_CAFILE = /etc/condor/lab-host.crt
AUTH_SSL_CLIENT_CAFILE = /etc/condor/lab-host.crt
CERTIFICATE_MAPFILE = /etc/condor/lab-mapfile
SEC_SCITOKENS_ALLOW_FOREIGN_TOKEN_TYPES = True
SCITOKENS_SERVER_AUDIENCE = ${AUDIENCE}
`;

/** Whoever the issuer vouches for is the ordinary user here. */
export const TOKEN_MAPPING = `SCITOKENS "^${ISSUER.replaceAll('.', String.raw`\.`)},gateway$" grid@grid-lab
SSL (.*) ssl@unmapped
FS (.*) \\1
`;

/** Shell text that makes one for the sandbox, signed by itself, good for 30 days. */
export const CERTIFICATE = `openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
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
  const jwk = { ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: KEY_ID };
  const soon = Math.floor(Date.now() / 1_000) + 86_400;
  const entry = JSON.stringify({ jwks: { keys: [jwk] }, next_update: soon, expires: soon });
  const sql = `CREATE TABLE IF NOT EXISTS keycache (issuer text UNIQUE PRIMARY KEY NOT NULL, keys text NOT NULL);
    INSERT OR REPLACE INTO keycache VALUES ('${ISSUER}', '${entry}');`;
  await condor.inside('install', '-d', '-o', 'condor', '-g', 'condor', '-m', '700', CACHE);
  const asCondor = ['--reuid', 'condor', '--regid', 'condor', '--clear-groups', '--'];
  await condor.inside('setpriv', ...asCondor, 'sqlite3', `${CACHE}/scitokens_cpp.sqllite`, sql);
  return {
    audience: AUDIENCE,
    token: (subject, scope) => {
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        'wlcg.ver': '1.0',
        iss: ISSUER,
        sub: subject,
        aud: AUDIENCE,
        scope,
        iat: now,
        nbf: now,
        exp: now + 600,
        jti: `${subject}-${now}`,
      };
      const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
      const text = `${encode({ alg: 'ES256', kid: KEY_ID, typ: 'JWT' })}.${encode(claims)}`;
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
  };
}

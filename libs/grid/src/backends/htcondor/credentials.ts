import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { permanent } from '#errors';
import type { GridIdentity } from '../../backend.js';

const prefix = 'credential-';
/** No call takes so long, in milliseconds: what is older was left by a process that was killed. */
const staleAfter = 3_600_000;

/** What a tool needs to act as somebody. */
export interface ToolCredential {
  readonly env: Readonly<Record<string, string>>;
  /** The proxy's file, where it is one. */
  readonly proxy?: string;
}

/** Where secrets lie for the time of a call: a directory that this user alone may enter. */
export interface CredentialPlace {
  readonly directory: string;
  /** Trades the secret of an iam-client for a token. */
  readonly accessToken: (identity: GridIdentity) => Promise<string>;
}

/**
 * Calls with the identity's secret in files that only this user may read, and removes them, however the call ends. They
 * reach the tools by the files' names, which stand in the environment: never in an argument list. Throws permanent
 * `grid.unauthorized` for a token that has expired and for credentials that HTCondor does not know.
 */
export async function withCredential<Result>(
  identity: GridIdentity | undefined,
  { directory, accessToken }: CredentialPlace,
  call: (credential: ToolCredential) => Promise<Result>,
): Promise<Result> {
  if (identity === undefined) return call({ env: {} });
  const secret = identity.type === 'iam-client' ? await accessToken(identity) : identity.secret().trim();
  const own = await mkdtemp(join(directory, prefix));
  const file = join(own, 'secret');
  try {
    const credential = describe(identity, secret, own, file);
    await writeFile(file, `${secret}\n`, { mode: 0o600 });
    return await call(credential);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** Removes what killed processes left of their calls' credentials. */
export async function removeStaleCredentials(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of await readdir(directory)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(directory, name);
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    );
    if (Date.now() - changed > staleAfter) await rm(path, { recursive: true, force: true });
  }
}

function describe(identity: GridIdentity, secret: string, own: string, file: string): ToolCredential {
  switch (identity.type) {
    case 'htcondor-idtoken':
      checkToken(identity, secret);
      return {
        env: { _condor_SEC_CLIENT_AUTHENTICATION_METHODS: 'IDTOKENS', _condor_SEC_TOKEN_DIRECTORY: own },
      };
    case 'iam-client':
      return { env: { _condor_SEC_CLIENT_AUTHENTICATION_METHODS: 'SCITOKENS', BEARER_TOKEN_FILE: file } };
    case 'x509-proxy':
      return { env: { X509_USER_PROXY: file }, proxy: file };
    default:
      throw unauthorized(identity, `is a ${identity.type}, which HTCondor does not know`);
  }
}

/** HTCondor's own words for a bad token are "can't find address of schedd", which would be tried for ever. */
function checkToken(identity: GridIdentity, token: string): void {
  const parts = token.split('.');
  if (parts.length !== 3) throw unauthorized(identity, 'is no token');
  const { exp } = claimsOf(parts[1] ?? '');
  if (typeof exp === 'number' && exp * 1_000 < Date.now()) {
    throw unauthorized(identity, `expired at ${new Date(exp * 1_000).toISOString()}`);
  }
}

function claimsOf(part: string): { readonly exp?: unknown } {
  try {
    const claims: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}

function unauthorized({ name }: GridIdentity, why: string): Error {
  return permanent('grid.unauthorized', `the credential of ${name} ${why}`, { subject: name });
}

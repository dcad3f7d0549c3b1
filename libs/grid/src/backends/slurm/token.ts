import { permanent } from '#errors';
import type { GridIdentity } from '../../backend.js';

/** What each request is signed with: slurmrestd's two headers, or `SLURM_JWT` of the tools. */
export interface SlurmToken {
  /** Name of the user in Slurm. */
  readonly user: string;
  readonly jwt: string;
}

/**
 * The token of an identity, opened now. Its user stands in it (`sun`, as `scontrol token` writes it). Throws permanent
 * `grid.unauthorized` for an identity that has none.
 */
export function tokenOf(identity: GridIdentity): SlurmToken {
  const refuse = (why: string): Error =>
    permanent('grid.unauthorized', `the credential of ${identity.name} ${why}`, { subject: identity.name });
  if (identity.type !== 'slurm-token') throw refuse(`is a ${identity.type}; Slurm takes a slurm-token`);
  const jwt = identity.secret().trim();
  // What stands in a header and in an environment must be one word.
  if (!/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2}$/.test(jwt)) throw refuse('is no JWT');
  const user = identity.username ?? userIn(jwt);
  if (user === undefined) throw refuse('does not say whose it is: give it a username');
  return { user, jwt };
}

function userIn(jwt: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const user = typeof claims === 'object' && claims !== null && 'sun' in claims ? claims.sun : undefined;
    return typeof user === 'string' && /^[^\0\r\n\s]{1,255}$/.test(user) ? user : undefined;
  } catch {
    return undefined;
  }
}

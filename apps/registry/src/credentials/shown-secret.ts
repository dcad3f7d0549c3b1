import type { ShownSecret } from '#api';
import type { StoredSecret } from '../storage/secret.store.js';

/** A secret as it is answered. */
export function shownSecretOf(secret: StoredSecret): ShownSecret {
  const { id, fingerprint, lastFour, createdBy, lastUsedBy } = secret;
  const time = (at: Date | null): string | undefined => at?.toISOString();
  const [validUntil, expiresAt, lastUsedAt] = [secret.validUntil, secret.expiresAt, secret.lastUsedAt].map(
    time,
  );
  return {
    id,
    fingerprint,
    lastFour,
    createdAt: secret.createdAt.toISOString(),
    createdBy,
    ...(validUntil !== undefined && { validUntil }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
    ...(lastUsedBy !== null && { lastUsedBy }),
  };
}

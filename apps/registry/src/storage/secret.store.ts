import type { EntityManager } from 'typeorm';

/** A secret of a credential, as it is kept. */
export interface StoredSecret {
  readonly id: string;
  readonly credentialId: string;
  /** Null once it is gone. */
  readonly sealed: string | null;
  readonly fingerprint: string;
  readonly lastFour: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** When it stops to count, since there is a newer one. */
  readonly validUntil: Date | null;
  /** When the other side stops to take it. */
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedBy: string | null;
}

/** A secret, sealed already; the fingerprint and the last four characters tell it from others unopened. */
export interface SecretToStore {
  readonly id: string;
  readonly credentialId: string;
  /** The version of the credential that it comes with. */
  readonly version: number;
  readonly sealed: string;
  readonly fingerprint: string;
  readonly lastFour: string;
  readonly createdBy: string;
  readonly expiresAt: Date | undefined;
}

const columns = `id, credential_id as "credentialId", sealed, fingerprint, last_four as "lastFour",
  created_at as "createdAt", created_by as "createdBy", valid_until as "validUntil", expires_at as "expiresAt",
  last_used_at as "lastUsedAt", last_used_by as "lastUsedBy"`;

/** Those that count now, the newest first. */
export function secretsOf(manager: EntityManager, credentialId: string): Promise<readonly StoredSecret[]> {
  return manager.query<StoredSecret[]>(
    `select ${columns} from credential_secret
     where credential_id = $1 and sealed is not null and (valid_until is null or valid_until > now())
     order by from_version desc`,
    [credentialId],
  );
}

/** Those that came with or before these versions of credentials and counted then, the newest first. */
export function secretsOfVersions(
  manager: EntityManager,
  versions: readonly { readonly id: string; readonly version: number }[],
): Promise<readonly StoredSecret[]> {
  return manager.query<StoredSecret[]>(
    `select ${columns} from credential_secret
     join unnest($1::uuid[], $2::int[]) as asked (credential, version) on credential_id = credential
     where from_version <= version and (to_version is null or to_version > version)
       and (valid_until is null or valid_until > now())
     order by from_version desc`,
    [versions.map(({ id }) => id), versions.map(({ version }) => version)],
  );
}

/** Keeps a further secret of a credential, sealed. */
export async function addSecret(manager: EntityManager, secret: SecretToStore): Promise<void> {
  await manager.query(
    `insert into credential_secret
       (id, credential_id, from_version, sealed, fingerprint, last_four, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      secret.id,
      secret.credentialId,
      secret.version,
      secret.sealed,
      secret.fingerprint,
      secret.lastFour,
      secret.createdBy,
      secret.expiresAt ?? null,
    ],
  );
}

/** Takes secrets away from this version on; what was sealed is erased. All but `except`. */
export async function removeSecrets(
  manager: EntityManager,
  credential: { readonly id: string; readonly version: number },
  which: { readonly except?: string; readonly only?: string } = {},
): Promise<void> {
  await manager.query(
    `update credential_secret set to_version = $2, sealed = null
     where credential_id = $1 and to_version is null and ($3::uuid is null or id <> $3) and ($4::uuid is null or id = $4)`,
    [credential.id, credential.version, which.except ?? null, which.only ?? null],
  );
}

/** Lets the secrets that count go on so long beside a newer one, where they would not end sooner by themselves. */
export async function limitSecrets(manager: EntityManager, credentialId: string, until: Date): Promise<void> {
  await manager.query(
    `update credential_secret set valid_until = least(valid_until, $2)
     where credential_id = $1 and to_version is null`,
    [credentialId, until],
  );
}

/** Has a secret end then; who was warned of its end is warned of the new one. */
export async function setExpiry(manager: EntityManager, id: string, expiresAt: Date): Promise<void> {
  await manager.query('update credential_secret set expires_at = $2, warned_days = null where id = $1', [
    id,
    expiresAt,
  ]);
}

/** Erases what was sealed of secrets that ended by themselves. */
export async function eraseEnded(manager: EntityManager): Promise<void> {
  await manager.query(
    // What somebody changes at this moment is left to the next time: neither waits for the other.
    `update credential_secret set sealed = null where id in (
       select id from credential_secret where sealed is not null and valid_until <= now() for update skip locked)`,
  );
}

/** Notes that a secret was used, unless a later use is known: what is said may come late and twice. */
export async function noteUse(
  manager: EntityManager,
  { secret, at, by }: { readonly secret: string; readonly at: Date; readonly by: string },
): Promise<void> {
  // A clock elsewhere may be fast; a use to come would hide those that come.
  await manager.query(
    `update credential_secret set last_used_at = least($2::timestamptz, now()), last_used_by = $3
     where id = $1 and (last_used_at is null or last_used_at < least($2::timestamptz, now()))`,
    [secret, at, by],
  );
}

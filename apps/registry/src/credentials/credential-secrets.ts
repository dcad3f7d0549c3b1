import { randomUUID, timingSafeEqual } from 'node:crypto';
import { toAppError } from '#errors';
import { fingerprint, type KeyRing, lastFour } from '#secrets';
import type { EntityManager } from 'typeorm';
import type { Companion, Written } from '../changes/companion.js';
import { FieldsRefused } from '../domain/fields-refused.js';
import { readSecret } from '../domain/secret-expiry.js';
import type { Author, StoredResource } from '../domain/stored-resource.js';
import {
  addSecret,
  limitSecrets,
  removeSecrets,
  secretsOf,
  secretsOfVersions,
  setExpiry,
  type StoredSecret,
} from '../storage/secret.store.js';
import { shownSecretOf } from './shown-secret.js';

/** A secret as it is handed in. */
export interface NewSecret {
  readonly secret: string;
  readonly expiresAt?: string | undefined;
}

/** What a credential keeps beside its description. Here secrets are sealed, and nowhere opened but to be compared. */
export class CredentialSecrets implements Companion {
  readonly kind = 'credential';

  constructor(private readonly ring: KeyRing) {}

  async changes(
    manager: EntityManager,
    current: StoredResource | undefined,
    beside: Written,
  ): Promise<readonly string[]> {
    const { secret, expiresAt } = beside as Partial<NewSecret>;
    const [newest] = current ? await secretsOf(manager, current.id) : [];
    if (secret === undefined && !newest) throw flawed('secret', 'is missing');
    return [
      ...(secret !== undefined && !this.isSame(newest, secret) ? ['secret'] : []),
      ...(secret === undefined && isOther(newest?.expiresAt, expiresAt) ? ['expiresAt'] : []),
    ];
  }

  async keep(manager: EntityManager, stored: StoredResource, beside: Written, author: Author): Promise<void> {
    const { secret, expiresAt } = beside as Partial<NewSecret>;
    const [newest] = await secretsOf(manager, stored.id);
    if (secret !== undefined && !this.isSame(newest, secret)) {
      const added = await this.add(manager, stored, { secret, expiresAt }, author);
      await removeSecrets(manager, stored, { except: added });
    } else if (newest && isOther(newest.expiresAt, expiresAt)) {
      await setExpiry(manager, newest.id, inFuture('expiresAt', new Date(expiresAt ?? 0)));
    }
  }

  /** A newer secret; those before go on until `overlap` (milliseconds) is over. */
  async rotate(
    manager: EntityManager,
    stored: StoredResource,
    secret: NewSecret,
    overlap: number,
    author: Author,
  ): Promise<void> {
    const [newest] = await secretsOf(manager, stored.id);
    if (this.isSame(newest, secret.secret)) throw flawed('secret', 'is the one that counts already');
    if (overlap > 0) await limitSecrets(manager, stored.id, new Date(Date.now() + overlap));
    else await removeSecrets(manager, stored);
    await this.add(manager, stored, secret, author);
  }

  async drop(manager: EntityManager, stored: StoredResource): Promise<void> {
    await removeSecrets(manager, stored);
  }

  async announced(manager: EntityManager, stored: StoredResource): Promise<object> {
    if (stored.gone) return { secrets: [] };
    const secrets = await secretsOf(manager, stored.id);
    return {
      secrets: secrets.map(({ id, sealed, fingerprint: print, validUntil }) => ({
        id,
        sealed,
        fingerprint: print,
        ...(validUntil && { validUntil: validUntil.toISOString() }),
      })),
    };
  }

  async shown(manager: EntityManager, stored: readonly StoredResource[]): Promise<readonly object[]> {
    const secrets = await secretsOfVersions(manager, stored);
    return stored.map(({ id }) => ({
      secrets: secrets.filter(({ credentialId }) => credentialId === id).map(shownSecretOf),
    }));
  }

  private async add(
    manager: EntityManager,
    stored: StoredResource,
    { secret, expiresAt }: NewSecret,
    author: Author,
  ): Promise<string> {
    const { type } = stored.spec as { readonly type: string };
    const reading = readSecret(type, secret);
    if (reading.flaw !== undefined) throw flawed('secret', reading.flaw);
    // What the secret says of itself is what the other side goes by, whatever was written beside it.
    const end = reading.expiresAt ?? (expiresAt === undefined ? undefined : new Date(expiresAt));
    if (end) inFuture(reading.expiresAt ? 'secret' : 'expiresAt', end);
    const id = randomUUID();
    await addSecret(manager, {
      id,
      credentialId: stored.id,
      version: stored.version,
      sealed: this.ring.seal(secret, purposeOf(stored.id)),
      fingerprint: fingerprint(secret),
      lastFour: lastFour(secret) ?? '',
      createdBy: author.by,
      expiresAt: end,
    });
    return id;
  }

  private isSame(stored: StoredSecret | undefined, secret: string): boolean {
    const kept = stored && this.opened(stored);
    if (kept === undefined) return false;
    const [one, other] = [Buffer.from(kept), Buffer.from(secret)];
    return one.length === other.length && timingSafeEqual(one, other);
  }

  /** Undefined where it cannot be opened any more: a credential whose key was lost can still be given a new secret. */
  private opened({ sealed, credentialId }: StoredSecret): string | undefined {
    try {
      return sealed === null ? undefined : this.ring.unseal(sealed, purposeOf(credentialId));
    } catch (error) {
      if (toAppError(error).code.startsWith('secrets.')) return undefined;
      throw error;
    }
  }
}

/** The purpose that a credential's secrets are sealed for, by the credential's id. */
export const purposeOf = (credentialId: string): string => `credential/${credentialId}`;

const isOther = (kept: Date | null | undefined, given: string | undefined): boolean =>
  given !== undefined && kept?.getTime() !== Date.parse(given);

function inFuture(field: string, end: Date): Date {
  if (end > new Date()) return end;
  throw flawed(field, `has expired already, at ${end.toISOString()}`);
}

const flawed = (field: string, message: string): Error =>
  new FieldsRefused('request.invalid', `${field} ${message}`, [{ path: [field], message }]);

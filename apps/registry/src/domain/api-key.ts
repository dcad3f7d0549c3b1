import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isOwner, type ProjectOwners, type Identity, isPerson, type Role } from '#access';

/** A key as it is shown once: `slw_<id>_<256 random bits>`. */
export interface MintedKey {
  readonly id: string;
  readonly key: string;
  /** SHA-256 of the key. A key is random and long: nothing slower is needed to keep it from being guessed. */
  readonly hash: Buffer;
}

const shape = /^slw_([a-z0-9]{1,32})_[A-Za-z0-9_-]{43}$/;

/** The id of the one key that makes the first admin. */
export const bootstrapId = 'bootstrap';

/** A new key of 256 random bits. Only its hash is kept. */
export function mintKey(id: string = randomBytes(8).toString('hex')): MintedKey {
  const key = `slw_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, key, hash: hashOfKey(key) };
}

/** The id in a key; undefined where it is none. */
export const idOfKey = (text: string): string | undefined => shape.exec(text)?.[1];

/** SHA-256, as keys are kept. */
export const hashOfKey = (key: string): Buffer => createHash('sha256').update(key).digest();

/** Whether it is the key of this hash, compared in constant time. */
export const isKeyOf = (hash: Buffer, key: string): boolean => timingSafeEqual(hash, hashOfKey(key));

/** What somebody wants a key to be. */
export interface WantedKey {
  readonly role: Role;
  readonly onlyProjects?: readonly string[] | undefined;
  /** Milliseconds. */
  readonly expiresIn: number;
}

const longestLife = 400 * 86_400_000;

/** Why no key can be like this, whoever asks; undefined where it can. */
export function flawOf(wanted: WantedKey): { readonly field: string; readonly message: string } | undefined {
  if (wanted.expiresIn > longestLife || wanted.expiresIn < 1_000)
    return { field: 'expiresIn', message: 'expected between 1s and 400d' };
  if (wanted.role === 'admin' && wanted.onlyProjects)
    return { field: 'onlyProjects', message: 'an admin key is not for some projects only' };
  if (wanted.role === 'member' && !wanted.onlyProjects)
    return { field: 'onlyProjects', message: 'is missing: a member key needs the projects that it is for' };
  return undefined;
}

/** Whether they may make such a key. Keys and tokens make none, or one that leaks could outlive its revocation. */
export function mayMakeKey(
  identity: Identity,
  wanted: WantedKey,
  projects: readonly ProjectOwners[],
): boolean {
  if (identity.role === 'admin') return true;
  if (!isPerson(identity) || wanted.role === 'admin' || !wanted.onlyProjects) return false;
  return wanted.onlyProjects.every((name) =>
    projects.some((project) => project.name === name && isOwner(identity, project)),
  );
}

/** What a key opens. */
export type KeyReach = Pick<WantedKey, 'role' | 'onlyProjects'>;

/**
 * What of a key counts that this person made: no more than they could make now. Reading is left to it, as it is to them.
 */
export function reachOf(key: KeyReach, maker: Identity, projects: readonly ProjectOwners[]): KeyReach {
  const { role, onlyProjects } = key;
  if (maker.role === 'admin' || role === 'reader') return { role, onlyProjects };
  const owned = (onlyProjects ?? []).filter((name) =>
    projects.some((project) => project.name === name && isOwner(maker, project)),
  );
  return role === 'member' && owned.length > 0
    ? { role, onlyProjects: owned }
    : { role: 'reader', onlyProjects };
}

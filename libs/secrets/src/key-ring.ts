import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { permanent } from '#errors';

/** The keys that seal secrets in the database and on the bus. */
export interface KeyRing {
  /** The ids of its keys; the first one seals. */
  readonly keyIds: readonly string[];
  /** Seals under the first key. Only who names the same purpose can open it, so that nothing sealed can change places. */
  seal(secret: string, purpose: string): string;
  /**
   * @throws AppError `secrets.unknown_key` (permanent) where the ring lacks the key
   * @throws AppError `secrets.damaged` (permanent) where it was changed, cut, or sealed for another purpose
   */
  unseal(sealed: string, purpose: string): string;
  /** Whether it is sealed under the first key, so that nothing is lost with the others. */
  isCurrent(sealed: string): boolean;
}

const algorithm = 'aes-256-gcm';
const format = 's1';
const keyBytes = 32;
// Random nonces of 96 bits are safe for 2^32 secrets under one key (NIST SP 800-38D, 8.3).
const nonceBytes = 12;
const tagBytes = 16;

/**
 * A key ring from `id:base64(32 bytes)[,id:…]`, separated by commas or lines.
 * Sealed text is `s1.<key id>.<base64url of nonce, ciphertext and tag>`, AES-256-GCM.
 * @throws AppError `secrets.bad_key_ring` (permanent) that repeats no key
 */
export function openKeyRing(text: string): KeyRing {
  const keys = parseKeys(text);
  const [current = ''] = keys.keys();
  return Object.freeze({
    keyIds: [...keys.keys()],
    seal: (secret: string, purpose: string) => seal(keys, current, secret, purpose),
    unseal: (sealed: string, purpose: string) => unseal(keys, sealed, purpose),
    isCurrent: (sealed: string) => sealed.startsWith(`${format}.${current}.`),
  });
}

function parseKeys(text: string): ReadonlyMap<string, Buffer> {
  const keys = new Map<string, Buffer>();
  const entries = text.split(/[,\n]/).map((entry) => entry.trim());
  for (const [index, entry] of entries.filter((line) => line !== '').entries()) {
    const [, id, encoded = ''] = /^([a-z0-9][a-z0-9-]{0,31}):([A-Za-z0-9+/_-]+={0,2})$/.exec(entry) ?? [];
    const key = Buffer.from(encoded, 'base64');
    if (id === undefined || key.length !== keyBytes)
      throw bad(`key ${index + 1} is not <id>:<base64 of 32 bytes>, with an id of a-z, 0-9 and "-"`);
    if (keys.has(id)) throw bad(`the key id "${id}" stands there twice`);
    keys.set(id, key);
  }
  if (keys.size === 0) throw bad('there is no key in it');
  return keys;
}

function seal(keys: ReadonlyMap<string, Buffer>, keyId: string, secret: string, purpose: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, keyOf(keys, keyId), nonce, { authTagLength: tagBytes });
  cipher.setAAD(boundTo(keyId, purpose));
  const body = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${format}.${keyId}.${body.toString('base64url')}`;
}

function unseal(keys: ReadonlyMap<string, Buffer>, sealed: string, purpose: string): string {
  const [, keyId, encoded = ''] = /^s1\.([a-z0-9-]{1,32})\.([A-Za-z0-9_-]+)$/.exec(sealed) ?? [];
  const body = Buffer.from(encoded, 'base64url');
  if (keyId === undefined || body.length < nonceBytes + tagBytes) throw damaged();
  const nonce = body.subarray(0, nonceBytes);
  const decipher = createDecipheriv(algorithm, keyOf(keys, keyId), nonce, { authTagLength: tagBytes });
  decipher.setAAD(boundTo(keyId, purpose));
  decipher.setAuthTag(body.subarray(-tagBytes));
  const opened = decipher.update(body.subarray(nonceBytes, -tagBytes));
  try {
    return Buffer.concat([opened, decipher.final()]).toString('utf8');
  } catch {
    throw damaged();
  }
}

function keyOf(keys: ReadonlyMap<string, Buffer>, keyId: string): Buffer {
  const key = keys.get(keyId);
  if (key) return key;
  throw permanent(
    'secrets.unknown_key',
    `a secret is sealed under the key "${keyId}", which is not in the key ring`,
  );
}

/** Neither a key id nor the format holds a line break, so no other pair reads the same. */
const boundTo = (keyId: string, purpose: string): Buffer =>
  Buffer.from(`${format}\n${keyId}\n${purpose}`, 'utf8');

const damaged = (): Error =>
  permanent('secrets.damaged', 'a sealed secret is damaged, or was sealed for another purpose');

const bad = (reason: string): Error =>
  permanent('secrets.bad_key_ring', `the key ring is not valid: ${reason}`);

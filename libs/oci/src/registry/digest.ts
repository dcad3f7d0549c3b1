import { createHash, type Hash } from 'node:crypto';
import { permanent } from '#errors';

const pattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** A digest whose parts may stand in a path or a URL. */
export interface ParsedDigest {
  readonly algorithm: 'sha256' | 'sha512';
  readonly hex: string;
}

/** Whether this is a digest that can be verified here (OCI image specification, `digest`). */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}

/**
 * The parts of a digest. Whatever else a document calls a digest (`sha256:../../x`) ends here and never becomes part
 * of a path or of a URL: `image.invalid_digest`, permanent.
 */
export function parseDigest(value: unknown): ParsedDigest {
  if (!isDigest(value)) {
    throw permanent('image.invalid_digest', `not a sha256 or sha512 digest: ${shown(value)}`);
  }
  const [algorithm, hex] = value.split(':') as ['sha256' | 'sha512', string];
  return { algorithm, hex };
}

/** The sha256 digest of these bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A running hash of the digest's own algorithm. */
export function hashFor(digest: string): Hash {
  return createHash(parseDigest(digest).algorithm);
}

/** Whether the bytes are those that the digest names. */
export function matches(digest: string, bytes: Uint8Array): boolean {
  return hashFor(digest).update(bytes).digest('hex') === parseDigest(digest).hex;
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 100) ?? 'nothing';

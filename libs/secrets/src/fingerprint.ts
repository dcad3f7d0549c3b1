import { scryptSync } from 'node:crypto';

/** A secret shorter than this shows nothing of itself: four of eight characters would be half of it. */
const showsItsEnd = 12;

/**
 * Sixteen hexadecimal digits that tell two secrets apart, the same for the same secret. They are shown and sent about,
 * and a secret may be a word that somebody chose: so they cost a guesser some 30 ms a guess (scrypt, RFC 7914).
 */
export function fingerprint(secret: string): string {
  return scryptSync(secret, 'slipway fingerprint v1', 8, { N: 16_384, r: 8, p: 1 }).toString('hex');
}

/**
 * The last four characters, by which people recognise a token; undefined where they would give too much away, or are
 * none that one can read.
 */
export function lastFour(secret: string): string | undefined {
  const text = secret.trim();
  return text.length < showsItsEnd ? undefined : /[\x21-\x7e]{4}$/.exec(text)?.[0];
}

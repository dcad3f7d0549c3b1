import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { permanent } from '#errors';

/** One of a source’s secrets, made ready for comparing. Several are valid at a time while one is being replaced. */
export interface Secret {
  /** SHA-256 of the text: values of equal length are compared, so that the time taken tells no length. */
  readonly digest: Buffer;
  /** Key of an HMAC: the text’s bytes, or for `whsec_…` the bytes that it encodes. */
  readonly key: Buffer;
  /** Whether it is a Standard Webhooks signing key, which is never accepted as a plain token. */
  readonly signing: boolean;
  /** Milliseconds since the epoch: until when it counts; absent: as long as it is there. */
  readonly validUntil?: number | undefined;
  /** To be told each time that it proved a sender. */
  readonly used?: (() => void) | undefined;
}

const signingPrefix = 'whsec_';
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * @param subject what the secret belongs to, for the error
 * @throws AppError `relay.bad_secret` (permanent): empty, or not what Standard Webhooks allows after `whsec_`
 */
export function prepareSecret(text: string, subject: string): Secret {
  if (text === '') throw permanent('relay.bad_secret', 'a secret is empty', { subject });
  const digest = sha256(text);
  if (!text.startsWith(signingPrefix)) return { digest, key: Buffer.from(text), signing: false };
  const encoded = text.slice(signingPrefix.length);
  const key = Buffer.from(encoded, 'base64');
  if (!base64.test(encoded) || key.length < 24 || key.length > 64)
    throw permanent('relay.bad_secret', 'expected 24 to 64 bytes in base64 after whsec_', { subject });
  return { digest, key, signing: true };
}

/** Those that count at `now`, in milliseconds since the epoch. */
export const countingAt = (secrets: readonly Secret[], now: number): readonly Secret[] =>
  secrets.every(({ validUntil }) => validUntil === undefined)
    ? secrets
    : secrets.filter(({ validUntil }) => validUntil === undefined || validUntil > now);

/** Whether `presented` is the text of one of the secrets. Takes as long whichever it is, if any. */
export function matchesToken(presented: string, secrets: readonly Secret[]): boolean {
  const digest = sha256(presented);
  let matches = false;
  for (const secret of secrets) {
    if (!secret.signing && timingSafeEqual(digest, secret.digest)) matches = true;
  }
  return matches;
}

/** Whether one of `signatures` is the HMAC-SHA256 of `parts`, one after the other, under one of the keys. */
export function matchesHmac(
  signatures: readonly Buffer[],
  parts: readonly (Buffer | string)[],
  secrets: readonly Secret[],
): boolean {
  let matches = false;
  for (const secret of secrets) {
    const hmac = createHmac('sha256', secret.key);
    for (const part of parts) hmac.update(part);
    const expected = hmac.digest();
    for (const signature of signatures) {
      if (signature.length === expected.length && timingSafeEqual(signature, expected)) matches = true;
    }
  }
  return matches;
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

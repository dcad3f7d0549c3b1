import { header, type Headers, type Refused, type Unverified } from './delivery.js';
import { matchesHmac, type Secret } from './secret.js';

/** How far the sender’s clock may be from ours, both ways, in seconds (Standard Webhooks recommends five minutes). */
const toleranceSeconds = 300;

/** A header holds one signature per key in rotation; more than these are not looked at. */
const mostSignatures = 10;

/** Whether the sender signed as Standard Webhooks says; whether the signature holds is another question. */
export function hasStandardSignature(headers: Headers): boolean {
  return header(headers, 'webhook-signature') !== undefined;
}

/**
 * Checks a delivery as Standard Webhooks 1.0 says: HMAC-SHA256 over `id.timestamp.body`, any `v1` signature under any
 * key counts.
 * @returns undefined when the signature holds
 */
export function refuseStandardSignature(
  delivery: Unverified,
  secrets: readonly Secret[],
  now: number,
): Refused | undefined {
  const id = header(delivery.headers, 'webhook-id');
  const timestamp = header(delivery.headers, 'webhook-timestamp');
  const signature = header(delivery.headers, 'webhook-signature');
  if (!id || !timestamp || !signature) return { refused: 'missing_credentials' };
  // The dot separates what is signed: an id with one could be read in two ways.
  if (id.includes('.') || !/^\d{1,12}$/.test(timestamp)) return { refused: 'malformed_credentials' };
  const keys = secrets.filter(({ signing }) => signing);
  if (keys.length === 0) return { refused: 'no_such_secret' };
  const signatures = signaturesIn(signature);
  if (signatures.length === 0) return { refused: 'malformed_credentials' };
  if (!matchesHmac(signatures, [`${id}.${timestamp}.`, delivery.body], keys))
    return { refused: 'wrong_credentials' };
  // After the signature, so that only those who hold the key learn how our clock goes.
  if (Math.abs(now / 1_000 - Number(timestamp)) > toleranceSeconds) return { refused: 'stale_timestamp' };
  return undefined;
}

function signaturesIn(text: string): Buffer[] {
  return text
    .split(' ')
    .filter((part) => part.startsWith('v1,'))
    .slice(0, mostSignatures)
    .map((part) => Buffer.from(part.slice(3), 'base64'));
}

import { header, type Refused, type Unverified, type Verified, vouchFor } from '../domain/delivery.js';
import { matchesToken, type Secret } from '../domain/secret.js';
import type { Origin } from './source.js';

const bearer = /^bearer +/i;

/** The secret stands in a request header, as it is or after `Bearer `. */
export function verifyHeader(
  delivery: Unverified,
  secrets: readonly Secret[],
  origin: Origin,
  now: number,
): Verified | Refused {
  const presented = header(delivery.headers, origin.header);
  if (!presented) return { refused: 'missing_credentials' };
  // Both are always compared, so that the time taken does not tell which form is configured.
  const asItIs = matchesToken(presented, secrets);
  const afterBearer = matchesToken(presented.replace(bearer, ''), secrets);
  return asItIs || afterBearer ? vouchFor(delivery, now) : { refused: 'wrong_credentials' };
}

/** The secret stands in the URL: all that senders without signatures and headers leave. */
export function verifyUrl(
  delivery: Unverified,
  secrets: readonly Secret[],
  _origin: Origin,
  now: number,
): Verified | Refused {
  if (!delivery.urlToken) return { refused: 'missing_credentials' };
  return matchesToken(delivery.urlToken, secrets)
    ? vouchFor(delivery, now)
    : { refused: 'wrong_credentials' };
}

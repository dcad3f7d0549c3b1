import { webhookReceived } from '#contracts';
import { header, type Refused, type Unverified, type Verified, vouchFor } from '../domain/delivery.js';
import { contentKey } from '../domain/event-id.js';
import { Fields, isoOf, parseJson } from '../domain/fields.js';
import { drop, type NotThisFormat, type Parsed, relay } from '../domain/parsed.js';
import type { Secret } from '../domain/secret.js';
import { refuseStandardSignature } from '../domain/standard-signature.js';
import { isJson, type Origin, type SourceKind } from './source.js';

/** Nobody’s data is deeper; what is would overflow the stack of whoever serializes it. */
const deepest = 64;

/** Anybody who signs as Standard Webhooks says, with whatever payload. */
export const standardWebhooks: SourceKind = {
  kind: 'standard-webhooks',
  secretForm: 'signing-key',
  tokenInUrl: false,
  answerWithinMs: 8_000,
  acceptsMediaType: (mediaType) => isJson(mediaType) || mediaType.endsWith('+json'),
  verify,
  parse,
};

function verify(
  delivery: Unverified,
  secrets: readonly Secret[],
  _origin: Origin,
  now: number,
): Verified | Refused {
  return refuseStandardSignature(delivery, secrets, now) ?? vouchFor(delivery, now);
}

function parse(delivery: Verified, origin: Origin): Parsed | NotThisFormat {
  const body = parseJson(delivery.body);
  if (body === undefined) return { notThisFormat: 'expected JSON' };
  if (!isShallow(body, deepest)) return drop('unreadable', `nested more than ${deepest} deep`);
  const payload = new Fields(body);
  // `type`, `timestamp` and `data` are what the specification recommends; many send something else.
  const type = payload.text('type');
  const data = payload.raw('data');
  const timestamp = payload.moment('timestamp') ?? sentAt(delivery);
  return {
    events: [
      relay(
        webhookReceived,
        {
          source: origin.name,
          type: type ?? 'unknown',
          timestamp,
          data: type === undefined || data === undefined ? body : data,
        },
        {
          key: header(delivery.headers, 'webhook-id') ?? contentKey(delivery.body),
          time: timestamp,
        },
      ),
    ],
    dropped: [],
  };
}

function sentAt(delivery: Verified): string {
  const seconds = Number(header(delivery.headers, 'webhook-timestamp'));
  return isoOf(seconds * 1_000) ?? new Date(delivery.receivedAt).toISOString();
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  return Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

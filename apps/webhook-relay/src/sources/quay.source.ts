import type { Verified } from '../domain/delivery.js';
import { contentKey } from '../domain/event-id.js';
import { Fields, parseJson } from '../domain/fields.js';
import { pushed } from '../domain/image-events.js';
import { drop, type NotThisFormat, type Parsed, together } from '../domain/parsed.js';
import { verifyUrl } from './shared-secret.js';
import { isJson, type Origin, type SourceKind } from './source.js';

/** A push of more tags at once is cut: they all name one image. */
const mostTags = 1_000;

/** How long two equal payloads count as one delivery. */
const sameDeliveryMs = 60_000;

/** Quay signs nothing and names no digest: what it says is a hint, to be confirmed at the registry. */
export const quay: SourceKind = {
  kind: 'quay',
  secretForm: 'text',
  tokenInUrl: true,
  answerWithinMs: 8_000,
  acceptsMediaType: isJson,
  verify: verifyUrl,
  parse,
};

function parse(delivery: Verified, origin: Origin): Parsed | NotThisFormat {
  const payload = new Fields(parseJson(delivery.body));
  const repository = payload.text('repository');
  const url = payload.text('docker_url', 512);
  if (repository === undefined || url === undefined)
    return { notThisFormat: 'expected repository and docker_url' };
  const tags = payload.texts('updated_tags', mostTags, 200);
  // Security scans, build results and the like name the same repository, but no tags that moved.
  if (tags.length === 0) return drop('unwanted', 'a notification without updated_tags');
  // Nothing in the payload tells a second push of a tag from a second delivery of the first. The minute does, mostly:
  // with the content alone as its key, every later push of the tag would look like a duplicate and be lost.
  const key = `${contentKey(delivery.body)}@${Math.floor(delivery.receivedAt / sameDeliveryMs)}`;
  return together(
    tags.map((tag) =>
      pushed({
        registry: origin.registry ?? url.split('/')[0]?.toLowerCase(),
        repository,
        tag,
        digest: undefined,
        source: origin.name,
        verified: false,
        key: `${key}:${tag}`,
      }),
    ),
  );
}

import type { Verified } from '../domain/delivery.js';
import { contentKey } from '../domain/event-id.js';
import { Fields, parseJson } from '../domain/fields.js';
import { deleted, imageMediaTypes, pushed, type SaidOfImage } from '../domain/image-events.js';
import { drop, type NotThisFormat, type Parsed, together } from '../domain/parsed.js';
import { verifyHeader } from './shared-secret.js';
import { isJson, type Origin, type SourceKind } from './source.js';

/** Version 1 is sent by Distribution 2, version 2 by Distribution 3; the next one should not jam a registry. */
const eventsMediaType = /^application\/vnd\.docker\.distribution\.events\.v\d+\+json$/;

/** Old registries say so of manifests too. */
const unknownMediaType = 'application/octet-stream';

/**
 * CNCF Distribution, the registry inside GitLab, and Azure’s. It retries whatever is not answered 2xx for ever, and
 * everything behind it waits: an event that cannot be read is dropped, never refused.
 */
export const distribution: SourceKind = {
  kind: 'distribution',
  secretForm: 'text',
  tokenInUrl: false,
  answerWithinMs: 4_000,
  acceptsMediaType: (mediaType) => isJson(mediaType) || eventsMediaType.test(mediaType),
  verify: verifyHeader,
  parse,
};

function parse(delivery: Verified, origin: Origin): Parsed | NotThisFormat {
  const body = parseJson(delivery.body);
  const payload = new Fields(body);
  const events = payload.raw('events');
  if (Array.isArray(events)) return together((events as unknown[]).map((event) => parseEvent(event, origin)));
  // Azure posts one event without an envelope.
  if (payload.text('action') !== undefined) return parseEvent(body, origin);
  return { notThisFormat: 'expected an object with events' };
}

function parseEvent(body: unknown, origin: Origin): Parsed {
  const event = new Fields(body);
  const target = event.object('target');
  const action = event.text('action', 100);
  if (action === undefined) return drop('unreadable', 'an event without action');
  const said: SaidOfImage = {
    registry: registryOf(event, origin),
    repository: target.text('repository', 300),
    tag: target.text('tag', 200),
    digest: target.text('digest', 200),
    mediaType: target.text('mediaType'),
    actor: event.object('actor').text('name'),
    at: event.moment('timestamp'),
    source: origin.name,
    verified: true,
    // One envelope may hold what several did before a retry: the event is identified, not the delivery.
    key: event.text('id', 500) ?? contentKey(JSON.stringify(body)),
  };
  if (action === 'delete') return deleted({ ...said, mediaType: undefined });
  if (action !== 'push') return drop('unwanted', action);
  return isImage(target) ? pushed(said) : drop('not_an_image', said.mediaType ?? 'a push without media type');
}

function isImage(target: Fields): boolean {
  const mediaType = target.text('mediaType');
  if (mediaType !== undefined && imageMediaTypes.has(mediaType)) return true;
  return mediaType === unknownMediaType && (target.text('url', 2_000) ?? '').includes('/manifests/');
}

/** A registry behind a proxy knows itself by another name than its users do: what slipway.yml says counts. */
function registryOf(event: Fields, origin: Origin): string | undefined {
  return origin.registry ?? event.object('request').text('host')?.toLowerCase();
}

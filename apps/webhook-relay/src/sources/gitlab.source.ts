import { header, type Refused, type Unverified, type Verified, vouchFor } from '../domain/delivery.js';
import { contentKey } from '../domain/event-id.js';
import { Fields, parseJson } from '../domain/fields.js';
import { drop, type NotThisFormat, type Parsed, type RelayedEvent } from '../domain/parsed.js';
import { matchesToken, type Secret } from '../domain/secret.js';
import { hasStandardSignature, refuseStandardSignature } from '../domain/standard-signature.js';
import { deploymentEvent, jobEvent, pipelineEvent } from './gitlab/ci-events.js';
import {
  mergeRequestEvent,
  pushEvent,
  releaseEvent,
  tagPushEvent,
  wikiPageEvent,
} from './gitlab/code-events.js';
import { issueEvent, noteEvent } from './gitlab/discussion-events.js';
import { type GitlabDelivery, isReadable } from './gitlab/gitlab-delivery.js';
import { systemEvent } from './gitlab/system-events.js';
import { isJson, type Origin, type SourceKind } from './source.js';

/** By `object_kind`, or by `event_name` where a system hook has that alone. */
const readers: ReadonlyMap<string, (delivery: GitlabDelivery) => RelayedEvent> = new Map([
  ['push', pushEvent],
  ['tag_push', tagPushEvent],
  ['merge_request', mergeRequestEvent],
  ['pipeline', pipelineEvent],
  ['build', jobEvent],
  ['note', noteEvent],
  ['issue', issueEvent],
  ['work_item', issueEvent],
  ['release', releaseEvent],
  ['deployment', deploymentEvent],
  ['wiki_page', wikiPageEvent],
]);

/** GitLab’s project, group and system hooks, with a secret token or signed (GitLab 19). */
export const gitlab: SourceKind = {
  kind: 'gitlab',
  secretForm: 'either',
  tokenInUrl: false,
  // GitLab waits ten seconds, and after four failures in a row it stops sending for a while.
  answerWithinMs: 8_000,
  acceptsMediaType: isJson,
  verify,
  parse,
};

function verify(
  delivery: Unverified,
  secrets: readonly Secret[],
  _origin: Origin,
  now: number,
): Verified | Refused {
  // A signature decides alone: were a bad one excused by a token, whoever saw the token could alter the body.
  if (hasStandardSignature(delivery.headers))
    return refuseStandardSignature(delivery, secrets, now) ?? vouchFor(delivery, now);
  const token = header(delivery.headers, 'x-gitlab-token');
  if (!token) return { refused: 'missing_credentials' };
  return matchesToken(token, secrets) ? vouchFor(delivery, now) : { refused: 'wrong_credentials' };
}

function parse(verified: Verified, origin: Origin): Parsed | NotThisFormat {
  const body = new Fields(parseJson(verified.body));
  const objectKind = body.text('object_kind');
  const kind = objectKind ?? body.text('event_name');
  if (kind === undefined) return { notThisFormat: 'expected an object with object_kind or event_name' };
  const read = readers.get(kind) ?? (objectKind === undefined ? systemEvent : undefined);
  if (read === undefined) return drop('unwanted', kind);
  const event = read(deliveryOf(verified, body, origin));
  // Said here, so that one hook of an odd GitLab version is a line in the log, not a failure that disables the hook.
  return isReadable(event) ? { events: [event], dropped: [] } : drop('unreadable', kind);
}

function deliveryOf(verified: Verified, body: Fields, origin: Origin): GitlabDelivery {
  const { headers } = verified;
  return {
    body,
    source: origin.name,
    instance: header(headers, 'x-gitlab-instance')?.slice(0, 500),
    key: keyOf(verified),
  };
}

/**
 * The same on a retry and a resend, unlike X-Gitlab-Webhook-UUID, and not shared by recursive hooks, unlike
 * X-Gitlab-Event-UUID. Of a signed delivery it is `webhook-id`, which has the same value and is signed.
 */
function keyOf({ headers, body }: Verified): string {
  const signed = hasStandardSignature(headers) ? header(headers, 'webhook-id') : undefined;
  return signed ?? header(headers, 'idempotency-key') ?? contentKey(body);
}

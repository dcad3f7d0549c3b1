import type { Verified } from '../domain/delivery.js';
import { Fields, isoOf, parseJson } from '../domain/fields.js';
import { deleted, pushed, type SaidOfImage } from '../domain/image-events.js';
import { drop, type NotThisFormat, type Parsed, together } from '../domain/parsed.js';
import { verifyHeader } from './shared-secret.js';
import { isJson, type Origin, type SourceKind } from './source.js';

/** Harbor 1 had names of its own; Harbor 2 has others, and others again in its CloudEvents. */
const pushTypes: ReadonlySet<string> = new Set(['PUSH_ARTIFACT', 'harbor.artifact.pushed', 'pushImage']);
const deleteTypes: ReadonlySet<string> = new Set([
  'DELETE_ARTIFACT',
  'harbor.artifact.deleted',
  'deleteImage',
]);

const mostResources = 1_000;

/** Harbor, in its Default and its CloudEvents format. It waits three seconds for an answer and tries three times. */
export const harbor: SourceKind = {
  kind: 'harbor',
  secretForm: 'text',
  tokenInUrl: false,
  answerWithinMs: 2_400,
  acceptsMediaType: (mediaType) => isJson(mediaType) || mediaType === 'application/cloudevents+json',
  verify: verifyHeader,
  parse,
};

/** What both formats say, wherever they say it. */
interface HarborEvent {
  readonly type: string;
  readonly data: Fields;
  readonly operator: string | undefined;
  readonly at: string | undefined;
  /** The CloudEvents id; the Default format has none. */
  readonly id: string | undefined;
}

function parse(delivery: Verified, origin: Origin): Parsed | NotThisFormat {
  const event = eventIn(new Fields(parseJson(delivery.body)));
  if (event === undefined) return { notThisFormat: 'expected type and event_data, or a CloudEvent' };
  const said = pushTypes.has(event.type) ? pushed : deleteTypes.has(event.type) ? deleted : undefined;
  if (said === undefined) return drop('unwanted', event.type);
  const resources = event.data.objects('resources', mostResources);
  if (resources.length === 0) return drop('unreadable', `${event.type} without resources`);
  return together(
    resources.map((resource, index) => said({ ...imageOf(event, resource, index, origin), verified: true })),
  );
}

function eventIn(payload: Fields): HarborEvent | undefined {
  const type = payload.text('type');
  const operator = payload.text('operator');
  if (type === undefined) return undefined;
  if (payload.text('specversion') !== undefined)
    return {
      type,
      operator,
      data: payload.object('data'),
      at: payload.moment('time'),
      id: payload.text('id', 500),
    };
  const seconds = payload.integer('occur_at');
  const data = payload.object('event_data');
  if (!data.present) return undefined;
  return {
    type,
    operator,
    data,
    at: seconds === undefined ? undefined : isoOf(seconds * 1_000),
    id: undefined,
  };
}

function imageOf(
  event: HarborEvent,
  resource: Fields,
  index: number,
  origin: Origin,
): Omit<SaidOfImage, 'verified'> {
  const repository = event.data.object('repository').text('repo_full_name', 300);
  const digest = resource.text('digest', 200);
  const tag = resource.text('tag', 200);
  const key = event.id ?? [event.type, repository, digest, tag, event.at].join(' ');
  return {
    registry: origin.registry ?? resource.text('resource_url', 1_000)?.split('/')[0]?.toLowerCase(),
    repository,
    // The images of an index are pushed without a tag: Harbor then gives the digest as one.
    tag: tag === digest ? undefined : tag,
    digest,
    actor: event.operator,
    at: event.at,
    source: origin.name,
    key: `${key} ${index}`,
  };
}

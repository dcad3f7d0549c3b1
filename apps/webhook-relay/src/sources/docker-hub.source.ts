import type { Verified } from '../domain/delivery.js';
import { Fields, isoOf, parseJson } from '../domain/fields.js';
import { imageMediaTypes, pushed } from '../domain/image-events.js';
import { drop, type NotThisFormat, type Parsed } from '../domain/parsed.js';
import { verifyUrl } from './shared-secret.js';
import { isJson, type Origin, type SourceKind } from './source.js';

/**
 * Docker Hub signs nothing and names no digest: what it says is a hint, to be confirmed at the registry. Its
 * `callback_url` is never called: it is the sender’s word, and the feature is retired.
 */
export const dockerHub: SourceKind = {
  kind: 'docker-hub',
  secretForm: 'text',
  tokenInUrl: true,
  answerWithinMs: 8_000,
  acceptsMediaType: isJson,
  verify: verifyUrl,
  parse,
};

function parse(delivery: Verified, origin: Origin): Parsed | NotThisFormat {
  const payload = new Fields(parseJson(delivery.body));
  const push = payload.object('push_data');
  const repository = payload.object('repository');
  if (!push.present || !repository.present) return { notThisFormat: 'expected push_data and repository' };
  const mediaType = push.text('media_type');
  if (mediaType !== undefined && !imageMediaTypes.has(mediaType)) return drop('not_an_image', mediaType);
  const path = pathOf(repository.text('repo_name'));
  const tag = push.text('tag', 200);
  const seconds = push.number('pushed_at');
  return pushed({
    registry: origin.registry ?? 'docker.io',
    repository: path,
    tag,
    digest: undefined,
    mediaType,
    actor: push.text('pusher'),
    at: seconds === undefined ? undefined : isoOf(Math.round(seconds * 1_000)),
    source: origin.name,
    verified: false,
    key: `${path}:${tag}@${seconds}`,
  });
}

/** Official images have a name of one part; the registry knows them under `library/`. */
function pathOf(name: string | undefined): string | undefined {
  return name === undefined || name.includes('/') ? name : `library/${name}`;
}

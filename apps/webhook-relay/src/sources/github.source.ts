import { header, type Refused, type Unverified, type Verified, vouchFor } from '../domain/delivery.js';
import { contentKey } from '../domain/event-id.js';
import { Fields, parseJson } from '../domain/fields.js';
import { pushed } from '../domain/image-events.js';
import { drop, type NotThisFormat, type Parsed } from '../domain/parsed.js';
import { matchesHmac, type Secret } from '../domain/secret.js';
import { isJson, type Origin, type SourceKind } from './source.js';
import { digest as digestSchema } from '#contracts';

const form = 'application/x-www-form-urlencoded';
const signatureHeader = /^sha256=([0-9a-f]{64})$/;

/** GitHub’s packages (ghcr.io): `package` from a repository’s hook, `registry_package` from an app. */
export const github: SourceKind = {
  kind: 'github',
  secretForm: 'text',
  tokenInUrl: false,
  // GitHub waits ten seconds, and never sends again by itself.
  answerWithinMs: 8_000,
  // A hook that nobody set to JSON sends a form.
  acceptsMediaType: (mediaType) => isJson(mediaType) || mediaType === form,
  verify,
  parse,
};

function verify(
  delivery: Unverified,
  secrets: readonly Secret[],
  _origin: Origin,
  now: number,
): Verified | Refused {
  const presented = header(delivery.headers, 'x-hub-signature-256');
  if (!presented) return { refused: 'missing_credentials' };
  const hex = signatureHeader.exec(presented)?.[1];
  if (hex === undefined) return { refused: 'malformed_credentials' };
  return matchesHmac([Buffer.from(hex, 'hex')], [delivery.body], secrets)
    ? vouchFor(delivery, now)
    : { refused: 'wrong_credentials' };
}

function parse(delivery: Verified, origin: Origin): Parsed | NotThisFormat {
  const event = header(delivery.headers, 'x-github-event');
  const payload = new Fields(parseJson(jsonIn(delivery)));
  if (event === undefined || !payload.present)
    return { notThisFormat: 'expected X-GitHub-Event and an object' };
  if (event !== 'package' && event !== 'registry_package') return drop('unwanted', event);
  const action = payload.text('action') ?? '';
  if (action !== 'published' && action !== 'updated') return drop('unwanted', `${event} ${action}`);
  const found = payload.object(event);
  const version = found.object('package_version');
  const container = version.object('container_metadata');
  if (!container.present)
    return drop('not_an_image', `${event} of ${found.text('package_type') ?? 'no type'}`);
  return pushed({
    registry: origin.registry ?? 'ghcr.io',
    repository: repositoryOf(found),
    tag: container.object('tag').text('name', 200),
    digest: digestOf(version, container),
    mediaType: container.object('manifest').text('media_type'),
    actor: payload.object('sender').text('login'),
    at: payload.object(event).moment('updated_at'),
    source: origin.name,
    verified: true,
    key: header(delivery.headers, 'x-github-delivery') ?? contentKey(delivery.body),
  });
}

function jsonIn(delivery: Verified): Buffer | string {
  const type = header(delivery.headers, 'content-type') ?? '';
  if (!type.toLowerCase().startsWith(form)) return delivery.body;
  return new URLSearchParams(delivery.body.toString()).get('payload') ?? '';
}

/** `ghcr.io/Owner/image:tag` names the image in full, but in the owner’s own spelling; registries know lower case alone. */
function repositoryOf(found: Fields): string | undefined {
  const url = found.object('package_version').text('package_url', 600);
  const path = url === undefined ? undefined : /^[^/]+\/([^:@]+)/.exec(url)?.[1];
  const owner = found.object('owner').text('login');
  const name = found.text('name');
  return (path ?? (owner && name ? `${owner}/${name}` : undefined))?.toLowerCase();
}

/** The version of a container package is the digest of its manifest. */
function digestOf(version: Fields, container: Fields): string | undefined {
  const candidates = [container.object('manifest').text('digest'), version.text('version')];
  return candidates.find((candidate) => digestSchema.safeParse(candidate).success);
}

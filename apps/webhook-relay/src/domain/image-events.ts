import { digest, imageDeleted, imagePushed, registryHost, repositoryName, tagName } from '#contracts';
import { drop, type Parsed, relay } from './parsed.js';

/** What a registry says about an image, in its own words; each part is checked here. */
export interface SaidOfImage {
  readonly registry: string | undefined;
  readonly repository: string | undefined;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  readonly mediaType?: string | undefined;
  readonly actor?: string | undefined;
  /** ISO 8601. */
  readonly at?: string | undefined;
  /** Name of the source. */
  readonly source: string;
  /** Whether the sender proved more than that it knows a URL. */
  readonly verified: boolean;
  readonly key: string;
}

/** Media types of manifests and indexes; a push of anything else is a push of a layer or a configuration. */
export const imageMediaTypes: ReadonlySet<string> = new Set([
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
]);

/** `image.pushed`, or why there is none: it must name an image by tag or by digest. */
export function pushed(said: SaidOfImage): Parsed {
  const problem = problemOf(said);
  if (problem !== undefined) return drop('unreadable', problem);
  if (said.tag === undefined && said.digest === undefined)
    return drop('unreadable', 'a push that names neither tag nor digest');
  const { key, at, registry = '', repository = '', ...rest } = said;
  return one(
    relay(
      imagePushed,
      { ...rest, registry, repository, pushedAt: at },
      { key, time: at, about: { path: repository } },
    ),
  );
}

/** `image.deleted`: of a tag, of an image by digest, or with neither of the whole repository. */
export function deleted(said: SaidOfImage): Parsed {
  const problem = problemOf(said);
  if (problem !== undefined) return drop('unreadable', problem);
  const { key, at, registry = '', repository = '', mediaType: _, ...rest } = said;
  return one(
    relay(
      imageDeleted,
      { ...rest, registry, repository, deletedAt: at },
      { key, time: at, about: { path: repository } },
    ),
  );
}

function one(event: Parsed['events'][number]): Parsed {
  return { events: [event], dropped: [] };
}

function problemOf(said: SaidOfImage): string | undefined {
  if (!registryHost.safeParse(said.registry).success) return 'no registry host';
  if (!repositoryName.safeParse(said.repository).success) return 'no repository name';
  if (said.tag !== undefined && !tagName.safeParse(said.tag).success) return 'not a tag';
  if (said.digest !== undefined && !digest.safeParse(said.digest).success) return 'not a digest';
  return undefined;
}

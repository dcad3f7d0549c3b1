import { usage } from '../../errors/usage.js';

/** An image as it was typed. */
export type ImageName =
  | { readonly id: string }
  | {
      readonly registry: string;
      readonly repository: string;
      readonly tag?: string;
      readonly digest?: string;
    };

/** `host/repository[:tag][@digest]`, or the id of a publication. As with docker, no host is docker.io, no tag latest. */
export function imageName(text: string): ImageName {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)) return { id: text };
  const [, name = '', tag, digest] =
    /^([^@\s]*?)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(text) ?? [];
  const [first = '', ...rest] = name.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = hasHost ? first : 'docker.io';
  const path = hasHost ? rest.join('/') : name;
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  if (path === '' || !/^[a-z0-9._-]+(?:\/[a-z0-9._-]+)*$/.test(repository))
    throw usage(`"${text}" is no image: expected host/repository:tag, or host/repository@sha256:…`);
  if (digest !== undefined) return { registry, repository, digest, ...(tag === undefined ? {} : { tag }) };
  return { registry, repository, tag: tag ?? 'latest' };
}

/** As people write it. */
export function imageText(image: Exclude<ImageName, { id: string }>): string {
  const digest = image.digest === undefined ? '' : `@${image.digest}`;
  return `${image.registry}/${image.repository}${image.tag === undefined ? '' : `:${image.tag}`}${digest}`;
}

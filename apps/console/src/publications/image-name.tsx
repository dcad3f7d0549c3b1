import type { Publication } from '#api';

type Image = Pick<Publication, 'registry' | 'repository' | 'tags' | 'digest'>;

/** `registry/repository:tag`, or the beginning of its digest where no tag names it. */
export function imageName({ registry, repository, tags, digest }: Image): string {
  const [tag] = tags;
  const end = tag ? `:${tag}` : digest ? `@${shortDigest(digest)}` : '';
  return `${registry}/${repository}${end}`;
}

/** Enough to tell it from another. */
export const shortDigest = (digest: string): string => digest.replace(/^(sha256:.{12}).*$/, '$1…');

import { createHash } from 'node:crypto';

/** An image in a CVMFS repository, as far as its name and content go; without a digest: a tag that was not resolved. */
export interface PublicationIdentity {
  readonly cvmfsRepository: string;
  readonly registry: string;
  readonly repository: string;
  readonly digest?: string | undefined;
  readonly tags: readonly string[];
}

/**
 * The same for the same image in the same CVMFS repository, in whatever service, copy and order it is heard of: the
 * address of its page is made of it.
 */
export function publicationId({
  cvmfsRepository,
  registry,
  repository,
  digest,
  tags,
}: PublicationIdentity): string {
  const name = digest ?? `:${tags[0] ?? ''}`;
  const hex = createHash('sha256')
    .update([cvmfsRepository, registry, repository, name].join('\n'))
    .digest('hex');
  // RFC 9562, version 8: made by a rule of one's own.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

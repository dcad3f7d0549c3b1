import { z } from 'zod';
import { cvmfsRepositoryName, digest, platform, registryHost, repositoryName, tagName } from './image.js';

/** What every event about a publication carries: which image, where to. */
export const publicationFields = {
  cvmfsRepository: cvmfsRepositoryName,
  registry: registryHost,
  repository: repositoryName,
  tags: z.array(tagName).describe('tags that name this image in the CVMFS repository now'),
  digest: digest.describe('digest of the platform’s manifest: the identity of the tree'),
  platform: platform.optional(),
};

/** Where the work on a publication is, or failed. They come in this order; clean-up removes old trees. */
export const publicationStep = z.enum(['resolve', 'fetch', 'unpack', 'transaction', 'publish', 'clean-up']);

/** CloudEvents subject of everything said about a publication. */
export const publicationSubject = (p: {
  cvmfsRepository: string;
  registry: string;
  repository: string;
  digest?: string | undefined;
  tags: readonly string[];
}): string =>
  `${p.cvmfsRepository}/${p.registry}/${p.repository}${p.digest ? `@${p.digest}` : p.tags[0] ? `:${p.tags[0]}` : ''}`;

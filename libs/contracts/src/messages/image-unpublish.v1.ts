import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { cvmfsRepositoryName, digest, registryHost, repositoryName, tagName } from '../model/image.js';
import { publicationSubject } from '../model/publication.js';

/** Said by the registry's API for a person; the publisher removes links, and later the tree. */
export const imageUnpublish = defineMessage({
  name: 'image.unpublish',
  version: 1,
  kind: 'command',
  saidBy: ['registry'],
  means:
    'Somebody wants an image off CVMFS: its links go in the next transaction, its tree when the grace period is over, or at once.',
  schema: z
    .object({
      cvmfsRepository: cvmfsRepositoryName,
      registry: registryHost,
      repository: repositoryName,
      tag: tagName.optional().describe('this tag alone; the tree stays while another tag names it'),
      digest: digest.optional().describe('this image and all its tags'),
      now: z
        .boolean()
        .default(false)
        .describe('without the grace period: jobs that run from the tree lose their files'),
    })
    .refine(
      ({ tag, digest }) => (tag === undefined) !== (digest === undefined),
      'needs either a tag or a digest',
    ),
  subject: ({ tag, ...image }) => publicationSubject({ ...image, tags: tag === undefined ? [] : [tag] }),
});

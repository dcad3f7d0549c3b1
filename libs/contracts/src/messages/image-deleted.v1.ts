import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { digest, registryHost, repositoryName, tagName, imageSubject } from '../model/image.js';

/**
 * Said by the relay; the publisher retires the trees, which begins their grace period and removes nothing at once.
 */
export const imageDeleted = defineMessage({
  name: 'image.deleted',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means:
    'A registry says that a tag, an image or a whole repository is gone, so that its trees can be retired.',
  schema: z.object({
    registry: registryHost,
    repository: repositoryName,
    tag: tagName.optional().describe('only this tag'),
    digest: digest
      .optional()
      .describe('this image and its tags; with neither tag nor digest: the whole repository'),
    actor: z.string().max(255).optional(),
    source: z.string().max(100).describe('name of the webhook source that said it'),
    verified: z.boolean().describe('false where the sender signs nothing'),
    deletedAt: z.iso.datetime({ offset: true }).optional().describe('when, in the sender’s words'),
  }),
  subject: imageSubject,
});

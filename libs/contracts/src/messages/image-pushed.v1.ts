import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { digest, registryHost, repositoryName, tagName, imageSubject } from '../model/image.js';

/** Said by the relay; the publisher takes what an image rule wants, the registry notes when it was told. */
export const imagePushed = defineMessage({
  name: 'image.pushed',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means: 'A registry says that an image was pushed, so that whoever publishes or tests images can fetch it.',
  schema: z.object({
    registry: registryHost,
    repository: repositoryName,
    tag: tagName.optional().describe('absent when pushed by digest'),
    digest: digest.optional().describe('absent where the sender names none: resolve the tag at the registry'),
    mediaType: z.string().max(255).optional().describe('of the manifest or index'),
    actor: z.string().max(255).optional().describe('who pushed, in the sender’s words'),
    source: z.string().max(100).describe('name of the webhook source that said it'),
    verified: z
      .boolean()
      .describe('false where the sender signs nothing: a hint to be confirmed at the registry'),
    pushedAt: z.iso.datetime({ offset: true }).optional().describe('when, in the sender’s words'),
  }),
  subject: imageSubject,
});

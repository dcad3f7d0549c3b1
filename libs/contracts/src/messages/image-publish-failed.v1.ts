import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { cvmfsRepositoryName, digest, stepSeconds } from '../model/image.js';
import { imageOrigin } from '../model/image-origin.js';
import { publicationFields, publicationStep, publicationSubject } from '../model/publication.js';

/** Said by the publisher after each failed attempt; the registry shows it as the publication's failure. */
export const imagePublishFailed = defineMessage({
  name: 'image.publish_failed',
  version: 1,
  kind: 'event',
  saidBy: ['cvmfs-publisher'],
  means:
    'An image could not be published, and why, so that its owner can act; says whether it will be tried again.',
  schema: z.object({
    ...publicationFields,
    cvmfsRepository: cvmfsRepositoryName,
    digest: digest.optional().describe('absent when the tag could not be resolved'),
    step: publicationStep,
    code: z.string().describe('stable error code, e.g. `layer.path_escapes`'),
    reason: z.string().max(4000).describe('for people; holds no secret'),
    willRetry: z.boolean(),
    retryAt: z.iso.datetime().optional(),
    attempt: z.int().positive(),
    seconds: stepSeconds,
    origin: imageOrigin.optional(),
  }),
  subject: publicationSubject,
});

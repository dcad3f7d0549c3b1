import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { stepSeconds } from '../model/image.js';
import { imageOrigin } from '../model/image-origin.js';
import { publicationFields, publicationSubject } from '../model/publication.js';

/** Said by the publisher; the bridge runs CI jobs from such images, the registry answers "why not yet". */
export const imagePublished = defineMessage({
  name: 'image.published',
  version: 1,
  kind: 'event',
  saidBy: ['cvmfs-publisher'],
  means: 'An image is readable on CVMFS under its tags, so that jobs can run from it.',
  schema: z.object({
    ...publicationFields,
    path: z.string().describe('the tree’s directory on CVMFS'),
    links: z.array(z.string()).describe('the symbolic links that name it, one per tag'),
    files: z
      .int()
      .nonnegative()
      .describe('regular files in the tree; one with several hard links counts as often'),
    directories: z.int().nonnegative(),
    bytes: z.int().nonnegative().describe('bytes of the regular files in the tree'),
    reusedFiles: z
      .int()
      .nonnegative()
      .optional()
      .describe('files taken over from the tree that the tag named before'),
    leftOut: z
      .record(z.string(), z.int().nonnegative())
      .optional()
      .describe('what the image has and the tree cannot hold, by kind'),
    attempt: z.int().positive(),
    seconds: stepSeconds,
    origin: imageOrigin.optional(),
  }),
  subject: publicationSubject,
});

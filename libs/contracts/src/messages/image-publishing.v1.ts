import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { imageOrigin } from '../model/image-origin.js';
import { publicationFields, publicationStep, publicationSubject } from '../model/publication.js';

/** Said by the publisher for each step and in between; the registry keeps the latest word on each step. */
export const imagePublishing = defineMessage({
  name: 'image.publishing',
  version: 1,
  kind: 'event',
  saidBy: ['cvmfs-publisher'],
  means:
    'The work on a publication entered its next step, or is some way into it, so that people see that it moves.',
  schema: z.object({
    ...publicationFields,
    step: publicationStep,
    attempt: z.int().positive().describe('1 for the first try'),
    bytes: z.int().nonnegative().optional().describe('compressed bytes to fetch'),
    layers: z.int().nonnegative().optional(),
    bytesDone: z.int().nonnegative().optional().describe('bytes fetched, or written, so far in this step'),
    bytesTotal: z.int().nonnegative().optional().describe('bytes of this step in all, where it is known'),
    filesTotal: z.int().nonnegative().optional().describe('files of this step in all, where it is known'),
    filesDone: z.int().nonnegative().optional().describe('files written so far in this step'),
    origin: imageOrigin.optional(),
  }),
  subject: publicationSubject,
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { publicationFields, publicationSubject } from '../model/publication.js';

/** Said by the publisher with the transaction that accepts the work; the registry lists it from then on. */
export const imageQueued = defineMessage({
  name: 'image.queued',
  version: 1,
  kind: 'event',
  saidBy: ['cvmfs-publisher'],
  means:
    'A publication was accepted and waits for its turn, so that people see that it was heard of before the work begins.',
  schema: z.object({
    ...publicationFields,
    because: z
      .enum(['requested', 'interrupted'])
      .describe('somebody asked for it; or the publisher that worked on it died'),
    attempt: z.int().nonnegative().describe('attempts begun so far'),
    requestedAt: z.iso.datetime().describe('when the message that asked for it was accepted'),
  }),
  subject: publicationSubject,
});

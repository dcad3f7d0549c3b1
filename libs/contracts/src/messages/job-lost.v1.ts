import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFacts, attemptFields, attemptSubject } from '../model/job.js';

/** Said by the monitor after the time that it waits; it frees the place at the submitter, as every end does. */
export const jobLost = defineMessage({
  name: 'job.lost',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means: 'Nothing is heard of an attempt any more, and the batch system does not know it.',
  schema: z.object({ ...attemptFields, ...attemptFacts }),
  subject: attemptSubject,
});

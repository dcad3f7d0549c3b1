import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFields, attemptSubject } from '../model/job.js';

/** Said by the submitter for each attempt, retries included; for subscriptions and the page. */
export const jobQueued = defineMessage({
  name: 'job.queued',
  version: 1,
  kind: 'event',
  saidBy: ['grid-submitter'],
  means: 'An attempt waits for its turn to be submitted.',
  schema: z.object({ ...attemptFields, at: z.iso.datetime() }),
  subject: attemptSubject,
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFields, attemptSubject } from '../model/job.js';

/** Said by the submitter; from then on the monitor asks the batch system for this id. */
export const jobSubmitted = defineMessage({
  name: 'job.submitted',
  version: 1,
  kind: 'event',
  saidBy: ['grid-submitter'],
  means: 'The batch system has an attempt, under an id of its own.',
  schema: z.object({ ...attemptFields, at: z.iso.datetime(), batchId: z.string().min(1).max(255) }),
  subject: attemptSubject,
});

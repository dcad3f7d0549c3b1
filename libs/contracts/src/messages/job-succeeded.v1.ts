import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFacts, attemptFields, attemptSubject } from '../model/job.js';

/** Said by the monitor; it frees the attempt's place at the submitter, and the bridge fetches the outputs. */
export const jobSucceeded = defineMessage({
  name: 'job.succeeded',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means: 'An attempt did all of its steps, and its outputs are here.',
  schema: z.object({ ...attemptFields, ...attemptFacts }),
  subject: attemptSubject,
});

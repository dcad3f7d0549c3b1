import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFacts, attemptFields, attemptSubject } from '../model/job.js';

/**
 * Said by the monitor, tried again or not: it frees the attempt's place at the submitter, and the bridge hears why.
 */
export const jobFailed = defineMessage({
  name: 'job.failed',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means: "An attempt ended without success: the reason tells the script's fault from the batch system's.",
  schema: z.object({ ...attemptFields, ...attemptFacts }),
  subject: attemptSubject,
});

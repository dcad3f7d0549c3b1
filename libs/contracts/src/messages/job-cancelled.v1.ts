import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFacts, attemptFields, attemptSubject } from '../model/job.js';

/** Said by the monitor; it frees the attempt's place at the submitter, and the bridge tells GitLab. */
export const jobCancelled = defineMessage({
  name: 'job.cancelled',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means: 'An attempt ended because somebody wanted it to.',
  schema: z.object({ ...attemptFields, ...attemptFacts }),
  subject: attemptSubject,
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFacts, attemptFields, attemptSubject } from '../model/job.js';

/**
 * Said by the monitor, by the worker's own word or the batch system's; the bridge stops to write that a job waits.
 */
export const jobRunning = defineMessage({
  name: 'job.running',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means: 'An attempt began on a worker node.',
  schema: z.object({ ...attemptFields, ...attemptFacts }),
  subject: attemptSubject,
});

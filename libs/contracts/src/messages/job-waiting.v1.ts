import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFacts, attemptFields, attemptSubject } from '../model/job.js';

/**
 * Said by the monitor by what the batch system answers; the bridge then writes `Waiting for a place` in the trace.
 */
export const jobWaiting = defineMessage({
  name: 'job.waiting',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means: 'The batch system has an attempt in its queue, or holds it back.',
  schema: z.object({ ...attemptFields, ...attemptFacts }),
  subject: attemptSubject,
});

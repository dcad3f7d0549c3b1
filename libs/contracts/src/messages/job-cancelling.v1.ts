import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { graceSeconds, jobReason, mostJobsOfGroup } from '../model/job.js';

/** Said by the submitter; the monitor hands it on to the worker that next reports, and expects the end. */
export const jobCancelling = defineMessage({
  name: 'job.cancelling',
  version: 1,
  kind: 'event',
  saidBy: ['grid-submitter'],
  means:
    'These attempts are to end: who hears from the jobs tells them to stop. The batch system is asked to end them, at once or after the time that they are given.',
  schema: z.object({
    groupId: z.uuid(),
    attempts: z.array(z.uuid()).min(1).max(mostJobsOfGroup),
    reason: jobReason,
    graceSeconds: graceSeconds
      .optional()
      .describe('what those that run are given for their end; absent: no time'),
    requestedBy: z.string().max(255),
    at: z.iso.datetime(),
  }),
  subject: ({ groupId }) => groupId,
});

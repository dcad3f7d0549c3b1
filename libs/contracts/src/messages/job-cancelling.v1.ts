import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { jobReason, mostJobsOfGroup } from '../model/job.js';

export const jobCancelling = defineMessage({
  name: 'job.cancelling',
  version: 1,
  kind: 'event',
  saidBy: ['grid-submitter'],
  means: 'The batch system is asked to end these attempts: who hears from the jobs tells them to stop.',
  schema: z.object({
    groupId: z.uuid(),
    attempts: z.array(z.uuid()).min(1).max(mostJobsOfGroup),
    reason: jobReason,
    requestedBy: z.string().max(255),
    at: z.iso.datetime(),
  }),
  subject: ({ groupId }) => groupId,
});

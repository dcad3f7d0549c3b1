import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { graceSeconds, jobReason, mostJobsOfGroup } from '../model/job.js';

/** The submitter alone hears it. It acts on what is queued, and answers with `job.withdrawn` or `job.cancelling`. */
export const jobCancel = defineMessage({
  name: 'job.cancel',
  version: 1,
  kind: 'command',
  saidBy: ['gitlab-bridge', 'status-monitor'],
  means:
    'Jobs of a group are not wanted any more, or one attempt has to end: in the queue, in the batch system or on the node.',
  schema: z.object({
    groupId: z.uuid(),
    indexes: z
      .array(z.int().nonnegative())
      .min(1)
      .max(mostJobsOfGroup)
      .optional()
      .describe('which jobs of the group; absent: all'),
    attempt: z
      .int()
      .positive()
      .optional()
      .describe('only where this is the attempt of the one job named; absent: whichever is the latest'),
    reason: jobReason,
    graceSeconds: graceSeconds
      .optional()
      .describe(
        'how long those that run may still take for their steps that are evenCancelled, before the batch system ends them; absent: no time',
      ),
    requestedBy: z.string().max(255),
  }),
  subject: ({ groupId }) => groupId,
});

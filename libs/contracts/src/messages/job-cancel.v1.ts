import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { jobReason, mostJobsOfGroup } from '../model/job.js';

export const jobCancel = defineMessage({
  name: 'job.cancel',
  version: 1,
  kind: 'command',
  saidBy: ['registry', 'gitlab-bridge', 'status-monitor'],
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
    requestedBy: z.string().max(255),
  }),
  subject: ({ groupId }) => groupId,
});

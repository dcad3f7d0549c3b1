import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { stateCounts } from '../model/attempt-state.js';

/** Said by the monitor; by it the bridge knows that nothing is tried again, and ends CI jobs and statuses. */
export const groupFinished = defineMessage({
  name: 'group.finished',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means: 'The last job of a group has ended: the outcome of all.',
  schema: z.object({
    groupId: z.uuid(),
    name: z.string().max(255),
    project: z.string().max(255),
    labels: z.record(z.string(), z.string()),
    at: z.iso.datetime(),
    jobs: z.int().positive(),
    states: stateCounts,
    outcome: z.enum(['succeeded', 'failed', 'cancelled']),
  }),
  subject: ({ groupId }) => groupId,
});

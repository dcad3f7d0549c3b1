import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { stateCounts } from '../model/attempt-state.js';

/** Said by the monitor; the bridge shows it in traces of fan-outs and in commit statuses, the page in its lists. */
export const groupProgressed = defineMessage({
  name: 'group.progressed',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means: 'The counts per state of a group changed. At most one a second for each group.',
  schema: z.object({
    groupId: z.uuid(),
    name: z.string().max(255),
    project: z.string().max(255),
    labels: z.record(z.string(), z.string()),
    at: z.iso.datetime(),
    jobs: z.int().positive(),
    states: stateCounts,
  }),
  subject: ({ groupId }) => groupId,
});

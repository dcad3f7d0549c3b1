import { z } from 'zod';
import { defineMessage } from '../define-message.js';

/** Said by the submitter in place of `group.queued`; the bridge fails the CI job, the monitor keeps it. */
export const groupRefused = defineMessage({
  name: 'group.refused',
  version: 1,
  kind: 'event',
  saidBy: ['grid-submitter'],
  means: 'A group will not run, and why: an unknown project, nobody it may run as, more than it may take.',
  schema: z.object({
    groupId: z.uuid(),
    name: z.string().max(255),
    project: z.string().max(255),
    jobs: z.int().positive(),
    labels: z.record(z.string(), z.string()),
    code: z.string().max(128),
    reason: z.string().max(4_096),
    requestedBy: z.string().max(255),
    at: z.iso.datetime(),
  }),
  subject: ({ groupId }) => groupId,
});

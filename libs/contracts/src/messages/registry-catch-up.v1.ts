import { z } from 'zod';
import { defineMessage } from '../define-message.js';

/** Said by a copy to the registry, which answers with as many `registry.snapshot` as it takes. */
export const registryCatchUp = defineMessage({
  name: 'registry.catch_up',
  version: 1,
  kind: 'command',
  saidBy: ['webhook-relay', 'cvmfs-publisher', 'grid-submitter', 'status-monitor', 'gitlab-bridge'],
  means:
    'A copy of a service asks the registry for what changed since a revision: at its start, after it was away, and when it missed something.',
  schema: z.object({
    queue: z.string().min(1).max(255).describe('where the copy listens; the answer goes there'),
    request: z.uuid().describe('tells the answers to one request from those to another'),
    after: z.int().nonnegative().describe('the revision up to which the copy knows everything; 0: nothing'),
  }),
  subject: ({ queue }) => queue,
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFields, attemptSubject } from '../model/job.js';

/** Said by the monitor; the bridge then fetches the piece for GitLab's trace. The text itself is in no message. */
export const jobLog = defineMessage({
  name: 'job.log',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means:
    'The log of an attempt grew: who follows it fetches from where they are. At most one a second for each attempt.',
  schema: z.object({
    ...attemptFields,
    at: z.iso.datetime(),
    logBytes: z.int().nonnegative().describe('how long the log is now'),
    ended: z.boolean().describe('whether more may follow'),
  }),
  subject: attemptSubject,
});

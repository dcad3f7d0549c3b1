import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFields, jobReason } from '../model/job.js';

/** Said by the monitor, heard by the submitter: the one way to a second attempt. */
export const jobRetry = defineMessage({
  name: 'job.retry',
  version: 1,
  kind: 'command',
  saidBy: ['status-monitor'],
  means: 'A job is to have a further attempt, which the ledger has written down already.',
  schema: z.object({ ...attemptFields, because: jobReason, notBefore: z.iso.datetime() }),
  subject: ({ groupId }) => groupId,
});

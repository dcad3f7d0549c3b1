import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFields, attemptSubject, jobReason } from '../model/job.js';

/**
 * Said by the monitor beside `job.retry`, for whoever watches: the bridge drops what it knew of the attempt before.
 */
export const jobRetried = defineMessage({
  name: 'job.retried',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means: 'A job gets a further attempt.',
  schema: z.object({
    ...attemptFields,
    at: z.iso.datetime(),
    because: jobReason.describe('why the attempt before it did not count'),
    notBefore: z.iso.datetime(),
  }),
  subject: attemptSubject,
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFields, attemptSubject, jobReason } from '../model/job.js';

/** Said by the submitter, which gave the place free itself; the monitor ends the attempt as cancelled. */
export const jobWithdrawn = defineMessage({
  name: 'job.withdrawn',
  version: 1,
  kind: 'event',
  saidBy: ['grid-submitter'],
  means: 'An attempt was cancelled before the batch system had it.',
  schema: z.object({ ...attemptFields, at: z.iso.datetime(), reason: jobReason }),
  subject: attemptSubject,
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFields, attemptSubject, jobReason } from '../model/job.js';

/** Said by the submitter; the monitor ends the attempt by it, and may give the job another one. */
export const jobRefused = defineMessage({
  name: 'job.refused',
  version: 1,
  kind: 'event',
  saidBy: ['grid-submitter'],
  means:
    'The batch system refused an attempt for good, in its own words; the ledger decides what becomes of the job.',
  schema: z.object({ ...attemptFields, at: z.iso.datetime(), reason: jobReason }),
  subject: attemptSubject,
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFacts, attemptFields, attemptSubject } from '../model/job.js';

export const jobRunning = defineMessage({
  name: 'job.running',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means: 'An attempt began on a worker node.',
  schema: z.object({ ...attemptFields, ...attemptFacts }),
  subject: attemptSubject,
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { attemptFacts, attemptFields, attemptSubject } from '../model/job.js';

export const jobLost = defineMessage({
  name: 'job.lost',
  version: 1,
  kind: 'event',
  saidBy: ['status-monitor'],
  means: 'Nothing is heard of an attempt any more, and the batch system does not know it.',
  schema: z.object({ ...attemptFields, ...attemptFacts }),
  subject: attemptSubject,
});

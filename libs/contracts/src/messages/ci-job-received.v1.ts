import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { ciJobFields, ciJobSubject } from '../model/ci-job.js';

/** Said by the bridge with the transaction that writes the job down; for subscriptions. */
export const ciJobReceived = defineMessage({
  name: 'ci.job_received',
  version: 1,
  kind: 'event',
  saidBy: ['gitlab-bridge'],
  means: 'GitLab gave a CI job to one of the runners.',
  schema: z.object({ ...ciJobFields }),
  subject: ciJobSubject,
});

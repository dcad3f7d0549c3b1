import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { ciJobFields, ciJobSubject } from '../model/ci-job.js';

export const ciJobReceived = defineMessage({
  name: 'ci.job_received',
  version: 1,
  kind: 'event',
  saidBy: ['gitlab-bridge'],
  means: 'GitLab gave a CI job to one of the runners.',
  schema: z.object({ ...ciJobFields }),
  subject: ciJobSubject,
});

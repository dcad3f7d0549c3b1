import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { groupFields } from '../model/job.js';

/** Said by the registry's API and the bridge; the submitter answers with `group.queued` or `group.refused`. */
export const jobSubmit = defineMessage({
  name: 'job.submit',
  version: 1,
  kind: 'command',
  saidBy: ['registry', 'gitlab-bridge'],
  means: 'Somebody wants a job, or a group of jobs, on the grid.',
  schema: z.object({ ...groupFields }),
  subject: ({ groupId }) => groupId,
});

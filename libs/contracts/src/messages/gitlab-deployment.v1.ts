import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { commitSha, gitlabFields, gitlabId, gitlabSubject, gitlabText, moment } from '../model/gitlab.js';

/** Said by the relay for GitLab's deployment hook; nobody here acts on it, subscriptions may. */
export const gitlabDeployment = defineMessage({
  name: 'gitlab.deployment',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means: 'A deployment to an environment began, succeeded, failed or was cancelled.',
  schema: z.object({
    ...gitlabFields,
    id: gitlabId,
    status: gitlabText(50),
    changedAt: moment.optional(),
    environment: gitlabText(255),
    environmentUrl: gitlabText(1000).optional(),
    jobId: gitlabId.optional(),
    jobUrl: gitlabText(1000).optional(),
    ref: gitlabText(500).optional(),
    sha: commitSha.optional().describe('from the commit’s URL where GitLab gives a short id alone'),
  }),
  subject: (event) => gitlabSubject(event, `deployments/${event.id}`),
});

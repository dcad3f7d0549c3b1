import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { gitlabFields, gitlabId, gitlabSubject, gitlabText, moment } from '../model/gitlab.js';

/** Said by the relay for GitLab's issue, work item and confidential issue hooks; for subscriptions. */
export const gitlabIssue = defineMessage({
  name: 'gitlab.issue',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means: 'An issue, incident, task or other work item was opened, changed or closed.',
  schema: z.object({
    ...gitlabFields,
    id: gitlabId,
    iid: gitlabId.describe('number within the project'),
    type: gitlabText(50).optional().describe('Issue, Incident, Task, …'),
    title: gitlabText(1000).optional().describe('absent when confidential'),
    confidential: z.boolean(),
    state: gitlabText(50),
    action: gitlabText(50).optional().describe('open, update, close, reopen'),
    labels: z.array(gitlabText(255)).max(100),
    url: gitlabText(1000).optional(),
    createdAt: moment.optional(),
    updatedAt: moment.optional(),
    closedAt: moment.optional(),
  }),
  subject: (event) => gitlabSubject(event, `issues/${event.iid}`),
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { commitSha, gitlabFields, gitlabId, gitlabSubject, gitlabText, moment } from '../model/gitlab.js';

/** Said by the relay for GitLab's release hook; for subscriptions. */
export const gitlabRelease = defineMessage({
  name: 'gitlab.release',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means: 'A release was made, changed or deleted, so that others can publish what it holds.',
  schema: z.object({
    ...gitlabFields,
    id: gitlabId.optional(),
    tag: gitlabText(500),
    name: gitlabText(500).optional(),
    action: gitlabText(50).optional().describe('create, update or delete'),
    commit: commitSha.optional(),
    url: gitlabText(1000).optional(),
    createdAt: moment.optional(),
    releasedAt: moment.optional(),
    assets: z
      .array(z.object({ name: gitlabText(500), url: gitlabText(2000), type: gitlabText(50).optional() }))
      .max(200)
      .describe('the links; source archives are left out'),
  }),
  subject: (event) => gitlabSubject(event, `releases/${event.tag}`),
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { gitlabSubject } from '../model/gitlab.js';
import { gitlabPushFields } from '../model/gitlab-push.js';

/** Said by the relay for GitLab's push hook, and a system hook's push; for subscriptions. */
export const gitlabPush = defineMessage({
  name: 'gitlab.push',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means: 'A branch of a GitLab project was made, moved or deleted, so that others can build or mirror it.',
  schema: z.object(gitlabPushFields),
  subject: (event) => gitlabSubject(event, event.ref),
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { gitlabSubject } from '../model/gitlab.js';
import { gitlabPushFields } from '../model/gitlab-push.js';

/** Said by the relay for GitLab's tag push hook, and a system hook's tag push; for subscriptions. */
export const gitlabTagPush = defineMessage({
  name: 'gitlab.tag_push',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means: 'A tag of a GitLab project was made, moved or deleted, so that others can release from it.',
  schema: z.object(gitlabPushFields),
  subject: (event) => gitlabSubject(event, event.ref),
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { gitlabFields, gitlabId, gitlabProject, gitlabText, gitlabUser, moment } from '../model/gitlab.js';

/** Said by the relay for system hooks, which an instance's admin sets up; for subscriptions. */
export const gitlabSystem = defineMessage({
  name: 'gitlab.system',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means:
    'Something changed in a GitLab instance itself: a project, group, user or membership was made, renamed or removed.',
  schema: z.object({
    source: gitlabFields.source,
    instance: gitlabFields.instance,
    event: gitlabText(100).describe('GitLab’s event_name, e.g. project_create'),
    project: gitlabProject.optional(),
    formerPath: gitlabText(500).optional().describe('after a rename or transfer'),
    group: z
      .object({ id: gitlabId, path: gitlabText(500).optional(), name: gitlabText(500).optional() })
      .optional(),
    user: gitlabUser.optional(),
    access: gitlabText(50).optional().describe('the role in a membership'),
    refs: z.array(gitlabText(500)).max(100).optional().describe('what a repository_update touched'),
    createdAt: moment.optional(),
    updatedAt: moment.optional(),
  }),
  subject: (event) =>
    `${event.event}/${event.project?.path ?? event.project?.id ?? event.group?.path ?? event.group?.id ?? event.user?.username ?? event.user?.id ?? ''}`,
});

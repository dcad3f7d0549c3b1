import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { commitSha, gitlabFields, gitlabId, gitlabSubject, gitlabText, moment } from '../model/gitlab.js';

/** Said by the relay for GitLab's merge request hook; for subscriptions. */
export const gitlabMergeRequest = defineMessage({
  name: 'gitlab.merge_request',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means: 'A merge request was opened, changed, approved, merged or closed, so that others can act on it.',
  schema: z.object({
    ...gitlabFields,
    id: gitlabId,
    iid: gitlabId.describe('number within the project'),
    title: gitlabText(1000).optional(),
    state: gitlabText(50).describe('opened, closed, merged or locked'),
    action: gitlabText(50).optional().describe('open, update, approved, merge, close, reopen, …'),
    draft: z.boolean().optional(),
    mergeStatus: gitlabText(100).optional(),
    sourceBranch: gitlabText(500),
    targetBranch: gitlabText(500),
    sourceProjectId: gitlabId.optional().describe('another than targetProjectId: from a fork'),
    targetProjectId: gitlabId.optional(),
    lastCommit: commitSha.optional(),
    oldRevision: commitSha
      .optional()
      .describe('the head before this push; set only when commits were pushed'),
    mergeCommit: commitSha.optional(),
    labels: z.array(gitlabText(255)).max(100),
    url: gitlabText(1000).optional(),
    createdAt: moment.optional(),
    updatedAt: moment.optional(),
  }),
  subject: (event) => gitlabSubject(event, `merge_requests/${event.iid}`),
});

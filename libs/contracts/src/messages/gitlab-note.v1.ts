import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import {
  commitSha,
  gitlabFields,
  gitlabId,
  gitlabSubject,
  gitlabText,
  mergeRequestReference,
  moment,
} from '../model/gitlab.js';

/** Said by the relay for GitLab's note hooks; for subscriptions, such as a bot that takes commands. */
export const gitlabNote = defineMessage({
  name: 'gitlab.note',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means:
    'Somebody commented on a commit, merge request, issue or snippet, so that others can answer commands.',
  schema: z.object({
    ...gitlabFields,
    id: gitlabId,
    on: gitlabText(50).describe('Commit, MergeRequest, Issue, Snippet, …'),
    action: gitlabText(50).optional().describe('create or update'),
    confidential: z.boolean(),
    system: z.boolean().optional().describe('written by GitLab itself'),
    text: gitlabText(10_000).optional().describe('shortened; absent when confidential'),
    discussionId: gitlabText(100).optional(),
    url: gitlabText(1000).optional(),
    createdAt: moment.optional(),
    updatedAt: moment.optional(),
    commit: commitSha.optional(),
    mergeRequest: mergeRequestReference.optional(),
    issueIid: gitlabId.optional(),
  }),
  subject: (event) => gitlabSubject(event, `notes/${event.id}`),
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { resourceName } from '../model/names.js';

/** Said by the bridge after GitLab took a status, of a group or of `commit.set_status`; for subscriptions. */
export const commitStatusSet = defineMessage({
  name: 'commit.status_set',
  version: 1,
  kind: 'event',
  saidBy: ['gitlab-bridge'],
  means: 'GitLab shows, at a commit, how work on it goes.',
  schema: z.object({
    gitlab: resourceName.describe('the GitLab server'),
    gitlabProject: z.string().max(1_024).describe("the project's path or number in GitLab"),
    sha: z.string().max(64),
    ref: z.string().max(1_024).optional(),
    name: z.string().max(255).describe('of the status, as GitLab shows it'),
    state: z.enum(['pending', 'running', 'success', 'failed', 'canceled']),
    pipelineId: z.int().positive().optional(),
    groupId: z.uuid().optional(),
    at: z.iso.datetime(),
  }),
  subject: ({ gitlab, gitlabProject, sha }) => `${gitlab}/${gitlabProject}/${sha}`,
});

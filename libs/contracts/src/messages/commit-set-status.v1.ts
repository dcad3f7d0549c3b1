import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { resourceName } from '../model/names.js';

/**
 * The bridge alone hears it, and says `commit.status_set` once GitLab has taken the status. None of our services says it:
 * it is there for those that a site adds, with a broker user that may.
 */
export const commitSetStatus = defineMessage({
  name: 'commit.set_status',
  version: 1,
  kind: 'command',
  saidBy: [],
  means:
    'GitLab is to show, at a commit, how work on it goes. For services of a site; groups of jobs with the labels gitlab, gitlab.project and gitlab.sha, and images that say where they were built, need no word of this.',
  schema: z.object({
    workId: z.uuid().describe('the same for all that is said of one piece of work'),
    project: resourceName.describe('the project here, whose commit it is'),
    gitlab: resourceName.describe('the GitLab server'),
    gitlabProject: z.string().min(1).max(1_024).describe("the project's path or number in GitLab"),
    sha: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'expected the whole SHA of a commit'),
    ref: z.string().min(1).max(1_024).optional().describe('branch or tag'),
    name: z.string().min(1).max(255).describe('of the status, as GitLab shows it'),
    state: z.enum(['pending', 'running', 'success', 'failed', 'canceled']),
    pipelineId: z.int().positive().optional(),
    groupId: z.uuid().optional(),
    description: z.string().max(4_096).optional().describe('GitLab shows 255 characters'),
    targetUrl: z
      .url({ protocol: /^https?$/ })
      .max(255)
      .optional(),
    at: z.iso.datetime().describe('when it came to be so'),
  }),
  subject: ({ gitlab, gitlabProject, sha }) => `${gitlab}/${gitlabProject}/${sha}`,
});

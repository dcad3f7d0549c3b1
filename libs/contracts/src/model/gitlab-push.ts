import { z } from 'zod';
import { commitSha, gitlabFields, gitlabText, moment } from './gitlab.js';

/** What branch and tag pushes have in common. */
export const gitlabPushFields = {
  ...gitlabFields,
  ref: gitlabText(500).describe('full name, refs/heads/… or refs/tags/…'),
  change: z.enum(['created', 'updated', 'deleted']).describe('told from the all-zero ids'),
  before: commitSha.optional().describe('absent when created'),
  after: commitSha.optional().describe('absent when deleted; for an annotated tag the tag object'),
  checkoutSha: commitSha.optional().describe('the commit to check out; absent when deleted'),
  refProtected: z.boolean().optional(),
  message: gitlabText(1000).optional().describe('an annotated tag’s message'),
  commits: z
    .array(
      z.object({
        id: commitSha,
        title: gitlabText(500).optional().describe('first line of the message'),
        author: gitlabText(255).optional(),
        at: moment.optional(),
        url: gitlabText(1000).optional(),
      }),
    )
    .max(20)
    .describe('the newest; GitLab sends at most 20'),
  totalCommits: z.int().nonnegative().optional(),
};

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import {
  commitSha,
  gitlabFields,
  gitlabId,
  gitlabRunner,
  gitlabSubject,
  gitlabText,
  moment,
  parentPipeline,
} from '../model/gitlab.js';

/** Said by the relay for GitLab's job hook, of any runner's job; for subscriptions. */
export const gitlabJob = defineMessage({
  name: 'gitlab.job',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means: 'A CI job changed its status, so that others can follow it without asking GitLab.',
  schema: z.object({
    ...gitlabFields,
    id: gitlabId,
    name: gitlabText(500),
    stage: gitlabText(255).optional(),
    status: gitlabText(50),
    failureReason: gitlabText(255).optional(),
    allowFailure: z.boolean().optional(),
    retries: z.int().nonnegative().optional(),
    pipelineId: gitlabId.optional(),
    ref: gitlabText(500).optional(),
    tag: z.boolean().optional(),
    sha: commitSha.optional(),
    beforeSha: commitSha.optional(),
    createdAt: moment.optional(),
    startedAt: moment.optional(),
    finishedAt: moment.optional(),
    seconds: z.number().nonnegative().optional().describe('running, in seconds'),
    queuedSeconds: z.number().nonnegative().optional(),
    environment: gitlabText(255).optional(),
    runner: gitlabRunner.optional(),
    parent: parentPipeline.optional(),
  }),
  subject: (event) => gitlabSubject(event, `jobs/${event.id}`),
});

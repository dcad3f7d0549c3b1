import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import {
  commitSha,
  gitlabFields,
  gitlabId,
  gitlabRunner,
  gitlabSubject,
  gitlabText,
  mergeRequestReference,
  moment,
  parentPipeline,
} from '../model/gitlab.js';

/** Said by the relay for GitLab's pipeline hook; for subscriptions that follow or continue pipelines. */
export const gitlabPipeline = defineMessage({
  name: 'gitlab.pipeline',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means:
    'A pipeline changed its status, with the state of its jobs, so that others can follow or continue it.',
  schema: z.object({
    ...gitlabFields,
    id: gitlabId,
    iid: gitlabId.optional().describe('number within the project'),
    name: gitlabText(500).optional(),
    ref: gitlabText(500).optional(),
    tag: z.boolean().optional(),
    sha: commitSha.optional(),
    beforeSha: commitSha.optional(),
    trigger: gitlabText(100).optional().describe('push, schedule, merge_request_event, …'),
    status: gitlabText(50),
    stages: z.array(gitlabText(255)).max(200),
    variableKeys: z
      .array(gitlabText(255))
      .max(1000)
      .describe('names alone: the values may be secrets and are never carried'),
    url: gitlabText(1000).optional(),
    createdAt: moment.optional(),
    finishedAt: moment.optional(),
    seconds: z.number().nonnegative().optional().describe('running, in seconds'),
    queuedSeconds: z.number().nonnegative().optional(),
    mergeRequest: mergeRequestReference.optional(),
    parent: parentPipeline.optional(),
    jobs: z
      .array(
        z.object({
          id: gitlabId,
          name: gitlabText(500),
          stage: gitlabText(255).optional(),
          status: gitlabText(50),
          when: gitlabText(50).optional(),
          allowFailure: z.boolean().optional(),
          failureReason: gitlabText(255).optional(),
          createdAt: moment.optional(),
          startedAt: moment.optional(),
          finishedAt: moment.optional(),
          environment: gitlabText(255).optional(),
          runner: gitlabRunner.optional(),
        }),
      )
      .max(2000),
  }),
  subject: (event) => gitlabSubject(event, `pipelines/${event.id}`),
});

import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { ciJobFields, ciJobSubject } from '../model/ci-job.js';

/** Said by the bridge once GitLab took a job's end, or wants no more of it; for subscriptions. */
export const ciJobFinished = defineMessage({
  name: 'ci.job_finished',
  version: 1,
  kind: 'event',
  saidBy: ['gitlab-bridge'],
  means: 'A CI job is over, and GitLab knows.',
  schema: z.object({
    ...ciJobFields,
    outcome: z
      .enum(['succeeded', 'failed', 'cancelled', 'refused', 'abandoned'])
      .describe(
        'refused: it could not run here; abandoned: GitLab wanted to hear no more of it, or did not take its end',
      ),
    failureReason: z.string().max(128).optional().describe("in GitLab's words, e.g. script_failure"),
    exitCode: z.int().min(0).max(255).optional(),
    lostTraceBytes: z
      .int()
      .nonnegative()
      .optional()
      .describe('so much of the end of its trace GitLab refused for good; absent: GitLab has all of it'),
    groupIds: z.array(z.uuid()).max(8).describe('the groups of grid jobs that it became'),
  }),
  subject: ciJobSubject,
});

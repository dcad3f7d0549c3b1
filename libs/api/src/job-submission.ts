import { jobRequest, resourceName } from '#contracts';
import { z } from 'zod';

/** The body of `POST /api/v1/jobs`. */
export const submitBody = jobRequest;

/** What it is answered: the submitter is told, and the group will appear under this id. */
export const submitAnswer = z
  .object({
    groupId: z.uuid(),
    name: z.string(),
    project: resourceName,
    backend: resourceName,
    identity: resourceName
      .optional()
      .describe('the identity mapping that its jobs run under; absent: the backend’s own'),
    jobs: z.int().positive(),
  })
  .meta({ id: 'SubmitAnswer', description: 'a group of jobs that was handed in' });

/** What `POST /jobs` answers (202): by `groupId` one asks the monitor from then on. */
export type SubmitAnswer = z.output<typeof submitAnswer>;

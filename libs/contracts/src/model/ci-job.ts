import { z } from 'zod';
import { resourceName } from './names.js';

/** Which CI job of which GitLab something is said about. */
export const ciJobFields = {
  runner: resourceName,
  gitlab: resourceName.describe('the GitLab server'),
  ciJobId: z.int().positive().describe("the job's number in GitLab"),
  ciJobName: z.string().max(1_024),
  stage: z.string().max(1_024),
  pipelineId: z.int().positive().optional(),
  gitlabProject: z.string().max(1_024).describe("the project's path in GitLab"),
  project: resourceName.optional().describe('absent: the project is not registered here'),
  ref: z.string().max(1_024),
  sha: z.string().max(64),
  user: z.string().max(255).optional().describe('GitLab user name of who started it'),
  at: z.iso.datetime(),
};

/** CloudEvents subject of what is said about a CI job: `<GitLab server>/<number of the job>`. */
export const ciJobSubject = ({ gitlab, ciJobId }: { gitlab: string; ciJobId: number }): string =>
  `${gitlab}/${ciJobId}`;

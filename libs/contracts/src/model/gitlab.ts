import { z } from 'zod';

/** Text in GitLab's words; the relay shortens what is longer, so that no event grows without bound. */
export const gitlabText = (maximum: number): z.ZodString => z.string().max(maximum);

/** A GitLab-wide numeric id. */
export const gitlabId = z.int().nonnegative();

/** A git object name: SHA-1 or SHA-256, shortened ones included. */
export const commitSha = z.string().regex(/^[0-9a-f]{7,64}$/, 'not a commit id');

/** A moment, converted from whichever of its formats GitLab used. */
export const moment = z.iso.datetime({ offset: true });

/** A project as GitLab's payloads describe it. The numeric id outlives renames; the path does not. */
export const gitlabProject = z
  .object({
    id: gitlabId,
    path: gitlabText(500).optional().describe('path with namespace; absent in GitLab’s older job payloads'),
    url: gitlabText(1000).optional(),
    defaultBranch: gitlabText(500).optional(),
  })
  .describe('the project it is about');

/** Who did something, as GitLab's payloads describe them. E-mail addresses are dropped by the relay. */
export const gitlabUser = z
  .object({
    id: gitlabId.optional(),
    username: gitlabText(255).optional(),
    name: gitlabText(255).optional(),
  })
  .describe('who did it; never an e-mail address');

/** What every GitLab event about one project carries. */
export const gitlabFields = {
  source: z.string().max(100).describe('name of the webhook source that said it'),
  instance: gitlabText(500).optional().describe('URL of the GitLab instance'),
  project: gitlabProject,
  user: gitlabUser.optional(),
};

/** The end of a merge request, as a pipeline, a note or a job refers to it. */
export const mergeRequestReference = z.object({
  id: gitlabId.optional(),
  iid: gitlabId,
  sourceBranch: gitlabText(500).optional(),
  targetBranch: gitlabText(500).optional(),
});

/** The upstream pipeline that triggered this one. */
export const parentPipeline = z.object({
  projectId: gitlabId.optional(),
  pipelineId: gitlabId.optional(),
  jobId: gitlabId.optional(),
});

/** A runner, as a job names it. */
export const gitlabRunner = z.object({
  id: gitlabId,
  description: gitlabText(500).optional(),
  tags: z.array(gitlabText(255)).max(100).optional(),
});

interface AboutProject {
  readonly project: { readonly id: number; readonly path?: string | undefined };
}

/** CloudEvents subject of a GitLab event: `<project path>` and, where there is one, the thing in it. */
export const gitlabSubject = (event: AboutProject, thing?: string | number): string =>
  `${event.project.path ?? event.project.id}${thing === undefined ? '' : `/${thing}`}`;

import { refusalError } from '../http/failure.js';
import type { GitLabServer } from '../http/gitlab-server.js';
import { z } from 'zod';

const commitStates = ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'] as const;
/** How GitLab may show work at a commit; it lets a state follow only certain others. */
export type CommitState = (typeof commitStates)[number];

/** A status as it is set (POST /projects/:id/statuses/:sha). */
export interface CommitStatus {
  /** Number, or path with its slashes. */
  readonly project: number | string;
  readonly sha: string;
  readonly state: CommitState;
  readonly name: string;
  readonly ref?: string | undefined;
  readonly pipelineId?: number | undefined;
  readonly targetUrl?: string | undefined;
  readonly description?: string | undefined;
  /** Per cent. */
  readonly coverage?: number | undefined;
}

/** What GitLab answers to a status; `pipelineId` is of the pipeline that it made or chose for it. */
export type StatusSet =
  | { readonly is: 'set'; readonly pipelineId: number | undefined; readonly ref: string | undefined }
  /** 400: GitLab knows a state from which this one cannot be reached; pending upon pending, too. */
  | { readonly is: 'no_such_step'; readonly words: string }
  | { readonly is: 'refused'; readonly status: number; readonly words: string };

const answered = z.object({
  pipeline_id: z.int().nullish(),
  ref: z.string().nullish(),
});

const mostDescription = 255;

/**
 * Says on a commit how work on it goes.
 * @param token with the scope `api`, of somebody who may push there
 * @throws AppError as `GitLabServer.ask`: 409 is GitLab's lock on the pipeline, temporary
 */
export async function setCommitStatus(
  server: GitLabServer,
  token: string,
  { project, sha, state, name, ref, pipelineId, targetUrl, description, coverage }: CommitStatus,
): Promise<StatusSet> {
  const answer = await server.ask({
    method: 'POST',
    path: `projects/${encodeURIComponent(project)}/statuses/${encodeURIComponent(sha)}`,
    headers: { 'private-token': token },
    json: {
      state,
      name,
      ref,
      pipeline_id: pipelineId,
      target_url: targetUrl,
      description: description?.slice(0, mostDescription),
      coverage,
    },
  });
  const { status, words } = answer;
  if (status === 201 || status === 200) {
    const { data } = answered.safeParse(answer.json);
    return { is: 'set', pipelineId: data?.pipeline_id ?? undefined, ref: data?.ref ?? undefined };
  }
  if (status === 400 && /transition/i.test(words)) return { is: 'no_such_step', words };
  if ([400, 401, 403, 404, 422].includes(status)) return { is: 'refused', status, words };
  throw refusalError(answer);
}

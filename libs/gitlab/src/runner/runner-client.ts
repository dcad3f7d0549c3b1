import { permanent } from '#errors';
import type { Answer, GitLabServer } from '../http/gitlab-server.js';
import { refusalError } from '../http/failure.js';
import { type CiJob, ciJob, ciJobHead } from '../job.js';
import { runnerFeatures } from './features.js';

/** As whom GitLab is asked: one runner, on one machine (`systemId`), by its authentication token. */
export interface RunnerOptions {
  readonly server: GitLabServer;
  /** `glrt-…`, secret. */
  readonly token: string;
  /** Of `systemIdOf`. */
  readonly systemId: string;
  /** Slipway's own. */
  readonly version: string;
}

/** What GitLab answers to `POST /runners/verify`: whether it knows the token. */
export type Verified = { readonly is: 'valid' } | { readonly is: 'refused'; readonly words: string };

/** What GitLab answers to `POST /jobs/request`; a job that it gave runs here from its point of view. */
export type JobRequest =
  | { readonly is: 'job'; readonly job: CiJob }
  /** No `ciJob`, but GitLab counts it as running here: it has to be told that it failed. `json` may hold its secrets. */
  | { readonly is: 'unreadable'; readonly id: number; readonly token: string; readonly json: unknown }
  | { readonly is: 'none' }
  /** 409: another one got it; there may be more, so ask again at once. */
  | { readonly is: 'lost' }
  /** The token does not count (401, 403) or GitLab takes none of what was sent (400, 422). */
  | { readonly is: 'refused'; readonly status: number; readonly words: string };

/** GitLab holds a question open for 50 s where nothing is to do. */
const longPollMs = 90_000;
const mostJobBytes = 64 * 1024 * 1024;

/** One registered runner, as GitLab is asked for its work. */
export class RunnerClient {
  #lastUpdate: string | undefined;

  constructor(private readonly options: RunnerOptions) {}

  /** @throws AppError as `GitLabServer.ask`; permanent `gitlab.refused` for what GitLab does not answer here */
  async verify(): Promise<Verified> {
    const answer = await this.#ask('runners/verify', {});
    if (answer.status === 200) return { is: 'valid' };
    if ([401, 403, 404, 422].includes(answer.status))
      return { is: 'refused', words: answer.words || `${answer.status}` };
    throw refusalError(answer);
  }

  /**
   * Asks for one job. Without a signal on purpose: a question that is broken off may have been given a job already, which
   * then nobody runs.
   * @throws AppError as `GitLabServer.ask`, but for 409; permanent `gitlab.refused` for what GitLab does not answer here
   */
  async requestJob(): Promise<JobRequest> {
    const answer = await this.#ask('jobs/request', {
      ...(this.#lastUpdate !== undefined && { last_update: this.#lastUpdate }),
    }).catch((error: unknown) => {
      if ((error as { readonly code?: unknown }).code === 'gitlab.conflict') return 'lost' as const;
      throw error;
    });
    if (answer === 'lost') return { is: 'lost' };
    this.#lastUpdate = answer.header('x-gitlab-last-update') ?? this.#lastUpdate;
    if (answer.status === 201) return jobOf(answer);
    if (answer.status === 204) return { is: 'none' };
    if ([400, 401, 403, 422].includes(answer.status))
      return { is: 'refused', status: answer.status, words: answer.words };
    throw refusalError(answer);
  }

  async #ask(path: string, more: Readonly<Record<string, unknown>>): Promise<Answer> {
    const { server, token, systemId, version } = this.options;
    return server.ask({
      method: 'POST',
      path,
      headers: { 'runner-token': token },
      json: {
        token,
        system_id: systemId,
        ...more,
        info: {
          name: 'slipway',
          version,
          platform: process.platform,
          architecture: process.arch === 'x64' ? 'amd64' : process.arch,
          executor: 'slipway',
          shell: 'bash',
          features: runnerFeatures,
        },
      },
      patienceMs: longPollMs,
      mostBytes: mostJobBytes,
    });
  }
}

function jobOf(answer: Answer): JobRequest {
  const parsed = ciJob.safeParse(answer.json);
  if (parsed.success) return { is: 'job', job: parsed.data };
  const head = ciJobHead.safeParse(answer.json);
  if (!head.success) throw permanent('gitlab.refused', 'GitLab answered 201 without a job');
  return { is: 'unreadable', ...head.data, json: answer.json };
}

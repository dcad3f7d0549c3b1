import type { Answer, GitLabServer } from '../http/gitlab-server.js';
import { refusalError } from '../http/failure.js';

/**
 * What GitLab wants of a job that runs: that it goes on; that it is cancelled in good order (after_script runs, then its
 * end is told); or that it stops at once and nothing more is sent.
 */
export type Wanted = 'work' | 'cancel' | 'stop';

interface Word {
  readonly wanted: Wanted;
  /** GitLab's own word: running, canceling, canceled, failed, …; empty where it said none. */
  readonly jobStatus: string;
}

/** What GitLab answers to `PATCH /jobs/:id/trace`. `intervalMs`: how long it wants to be left alone. */
export type TracePatched =
  /** `size`: bytes that GitLab has now. */
  | ({ readonly is: 'taken'; readonly size: number; readonly intervalMs: number | undefined } & Word)
  /** 416: GitLab has `size` bytes, go on from there. */
  | ({ readonly is: 'elsewhere'; readonly size: number } & Word)
  /** 401, 403: the job does not run any more, its token does not count, or its trace is over the limit of GitLab. */
  | ({ readonly is: 'closed'; readonly words: string } & Word)
  /** 404: GitLab has no such job. */
  | ({ readonly is: 'missing' } & Word)
  /** 400, 413, 422 and all else that asking again does not cure: GitLab, or what is before it, does not take it. */
  | ({ readonly is: 'refused'; readonly status: number; readonly words: string } & Word);

/** What GitLab answers to `PUT /jobs/:id`. A last state counts only once it is `taken`. */
export type StateSet =
  | ({ readonly is: 'taken' } & Word)
  /** 202: the trace is being stored; the same again after this time. */
  | ({ readonly is: 'not_yet'; readonly intervalMs: number | undefined } & Word)
  /** 412: what GitLab has of the trace is not what the checksum says; it wants all of it again, from 0. */
  | ({ readonly is: 'trace_differs' } & Word)
  /** 401, 403: the job is over already, or its token does not count. */
  | ({ readonly is: 'closed'; readonly words: string } & Word)
  /** 404: GitLab has no such job. */
  | ({ readonly is: 'missing' } & Word)
  /** 400, 422: GitLab does not take it. */
  | ({ readonly is: 'refused'; readonly words: string } & Word);

/** What GitLab is told of a job (PUT /jobs/:id). */
export interface JobState {
  readonly state: 'running' | 'success' | 'failed';
  /** script_failure, runner_system_failure, job_execution_timeout, or one of the job's `features.failure_reasons`. */
  readonly failureReason?: string;
  readonly exitCode?: number;
  /** Of all bytes of the trace. */
  readonly trace?: { readonly crc32: number; readonly bytes: number };
}

/** One job of GitLab, and the right to speak for it: the token is the job's own and ends with it. */
export interface JobAddress {
  readonly server: GitLabServer;
  readonly id: number;
  /** Of the job, secret. */
  readonly token: string;
  /** The shell shows each command with its variables expanded: GitLab then shows the trace to fewer people. */
  readonly hasDebugTrace?: boolean;
}

/** The most that GitLab takes in one patch, in bytes. */
export const mostPatchBytes = 1024 * 1024;

/** A job of GitLab that runs here: its trace and its state. */
export class JobClient {
  constructor(private readonly job: JobAddress) {}

  /**
   * Appends to the trace.
   * @param start offset of the first byte in the whole trace
   * @throws AppError as `GitLabServer.ask`
   */
  async patchTrace(start: number, bytes: Uint8Array): Promise<TracePatched> {
    const answer = await this.job.server.ask({
      method: 'PATCH',
      path: `jobs/${this.job.id}/trace`,
      query: { debug_trace: this.job.hasDebugTrace ? 'true' : undefined },
      headers: {
        'job-token': this.job.token,
        'content-type': 'text/plain',
        'content-range': `${start}-${start + bytes.length - 1}`,
      },
      body: bytes,
    });
    const word = wordOf(answer);
    if (answer.status === 202)
      return {
        is: 'taken',
        size: sizeOf(answer) ?? start + bytes.length,
        intervalMs: intervalOf(answer),
        ...word,
      };
    if (answer.status === 416) {
      const size = sizeOf(answer);
      if (size !== undefined) return { is: 'elsewhere', size, ...word };
    }
    if (answer.status === 401 || answer.status === 403) return { is: 'closed', words: answer.words, ...word };
    if (answer.status === 404) return { is: 'missing', ...word };
    return { is: 'refused', status: answer.status, words: refusalError(answer).message, ...word };
  }

  /**
   * Tells how the job is; `running` is also what keeps it alive.
   * @throws AppError as `GitLabServer.ask`; permanent `gitlab.refused`
   */
  async setState({ state, failureReason, exitCode, trace }: JobState): Promise<StateSet> {
    const checksum = trace && checksumText(trace.crc32);
    const answer = await this.job.server.ask({
      method: 'PUT',
      path: `jobs/${this.job.id}`,
      headers: { 'job-token': this.job.token },
      json: {
        token: this.job.token,
        state,
        ...(failureReason !== undefined && { failure_reason: failureReason }),
        ...(exitCode !== undefined && { exit_code: exitCode }),
        ...(trace && { checksum, output: { checksum, bytesize: trace.bytes } }),
      },
    });
    return stateSet(answer);
  }
}

function stateSet(answer: Answer): StateSet {
  const word = wordOf(answer);
  const { words } = answer;
  if (answer.status === 200) return { is: 'taken', ...word };
  if (answer.status === 202) return { is: 'not_yet', intervalMs: intervalOf(answer), ...word };
  if (answer.status === 412) return { is: 'trace_differs', ...word };
  if (answer.status === 401 || answer.status === 403) return { is: 'closed', words, ...word };
  if (answer.status === 404) return { is: 'missing', ...word };
  if (answer.status === 400 || answer.status === 422) return { is: 'refused', words, ...word };
  throw refusalError(answer);
}

/** As GitLab writes it: `crc32:` and eight hexadecimal digits. */
export function checksumText(crc32: number): string {
  return `crc32:${crc32.toString(16).padStart(8, '0')}`;
}

function wordOf(answer: Answer): Word {
  const jobStatus = answer.header('job-status') ?? '';
  const stops = ['canceled', 'failed'].includes(jobStatus) || answer.status === 401 || answer.status === 403;
  return { jobStatus, wanted: stops ? 'stop' : jobStatus === 'canceling' ? 'cancel' : 'work' };
}

/** `Range: 0-<size>`: despite its form the second number is how many bytes there are. */
function sizeOf(answer: Answer): number | undefined {
  const size = /^\d+-(\d{1,15})$/.exec(answer.header('range') ?? '')?.[1];
  return size === undefined ? undefined : Number(size);
}

function intervalOf(answer: Answer): number | undefined {
  const seconds = Number(answer.header('x-gitlab-trace-update-interval'));
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3_600) * 1_000 : undefined;
}

import { type JobDefinition } from './ci/definition.js';
import { type ObjectFormat } from './git/repository.js';

/** The states of a job, as GitLab names them. */
export type JobState =
  'created' | 'pending' | 'running' | 'canceling' | 'success' | 'failed' | 'canceled' | 'skipped' | 'manual';

/** An account; `login` is what GITLAB_USER_LOGIN says. */
export interface Person {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly email: string;
}

/** What a runner tells about itself with each call. */
export interface RunnerInfo {
  readonly name?: string;
  readonly version?: string;
  readonly executor?: string;
  readonly shell?: string;
  readonly features?: Readonly<Record<string, boolean | null>>;
}

/** One process that uses a runner's token. */
export interface RunnerManager {
  readonly systemId: string;
  info: RunnerInfo;
}

/** A runner as GitLab keeps it. Several processes may use its token: its managers. */
export interface Runner {
  readonly id: number;
  readonly token: string;
  readonly tags: readonly string[];
  readonly runUntagged: boolean;
  /** The ids of the projects that it serves; undefined: all. */
  readonly projects: readonly number[] | undefined;
  readonly managers: Map<string, RunnerManager>;
  paused: boolean;
  /** Changes when there may be something new for this runner: X-GitLab-Last-Update. */
  queueValue: string;
}

/** A file that a runner uploaded with a job: an archive, a report or a dotenv. */
export interface Artifact {
  readonly type: string;
  readonly format: string;
  readonly filename: string;
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly expireIn: string | undefined;
}

/** The body of one PUT /jobs/:id, as it came. */
export interface StateUpdate {
  readonly state: string;
  readonly failure_reason?: string;
  readonly exit_code?: number;
  readonly checksum?: string;
  readonly output?: { readonly checksum?: string; readonly bytesize?: number };
}

/** A variable as the settings of a project, or the start of a pipeline, have it. */
export interface ProjectVariable {
  readonly key: string;
  readonly value: string;
  readonly masked?: boolean;
  readonly file?: boolean;
  readonly raw?: boolean;
}

/** A project with its repository; what the API and a job's payload tell is made of it. */
export interface Project {
  readonly id: number;
  readonly namespaceId: number;
  /** Group and name, such as `lhcb/analysis`. */
  readonly path: string;
  readonly defaultBranch: string;
  /** The bare repository's directory. */
  readonly repository: string;
  readonly objectFormat: ObjectFormat;
  /** What Git LFS keeps beside it, by its SHA-256. */
  readonly largeFiles: Map<string, Buffer>;
  readonly variables: ProjectVariable[];
  readonly hooks: Hook[];
  readonly statuses: CommitStatus[];
  /** Access levels by user id: 30 is Developer, 40 Maintainer. */
  readonly members: Map<number, number>;
}

/** A webhook of a project, which is called for these events alone. */
export interface Hook {
  readonly id: number;
  readonly url: string;
  readonly token: string | undefined;
  readonly events: readonly HookEvent[];
}

/** The events that hooks are called for here; GitLab has more. */
export type HookEvent = 'push' | 'tag_push' | 'pipeline' | 'job';

/** One run of a commit's `.gitlab-ci.yml`, or of a text in its place; its jobs name it. */
export interface Pipeline {
  readonly id: number;
  readonly iid: number;
  readonly project: Project;
  readonly ref: string;
  readonly tag: boolean;
  readonly sha: string;
  readonly beforeSha: string;
  readonly source: string;
  readonly user: Person;
  readonly variables: readonly ProjectVariable[];
  readonly definitions: readonly JobDefinition[];
}

/** What somebody said of a commit by the API; the same name, ref and pipeline say it of the same one. */
export interface CommitStatus {
  readonly id: number;
  readonly pipelineId: number;
  readonly sha: string;
  readonly ref: string;
  readonly name: string;
  readonly userId: number;
  status: JobState;
  targetUrl: string | null;
  description: string | null;
  coverage: number | null;
  /** Every state it was in, the present one last. */
  readonly history: JobState[];
}

/** What one wants smaller, or larger, than a GitLab out of the box. */
export interface Limits {
  /** A trace of so many bytes or more drops the job. */
  traceBytes: number;
  /** The largest artifact that is taken, in bytes. */
  artifactBytes: number;
  /** X-GitLab-Trace-Update-Interval of a PATCH's answer, in seconds. */
  traceIntervalSeconds: number;
  /** How often a final PUT is answered 202 before its trace is stored. */
  storingPuts: number;
  /** X-GitLab-Trace-Update-Interval of that 202, in seconds. */
  storingIntervalSeconds: number;
  /** How long a request for a job is held when there is nothing new, in milliseconds. GitLab holds it 50 s. */
  longPollMs: number;
  /** So long GitLab waits for a runner's second phase before the job goes back into the queue, in milliseconds. */
  acknowledgeMs: number;
  /** A running job of which nothing is heard for so long is dropped, in milliseconds. */
  silenceMs: number;
}

/** As a GitLab out of the box, but that it holds a request for a job for no more than a second. */
export const defaultLimits: Readonly<Limits> = {
  traceBytes: 100 * 1024 * 1024,
  artifactBytes: 100 * 1024 * 1024,
  traceIntervalSeconds: 3,
  storingPuts: 1,
  storingIntervalSeconds: 1,
  longPollMs: 1_000,
  acknowledgeMs: 120_000,
  silenceMs: 60 * 60 * 1_000,
};

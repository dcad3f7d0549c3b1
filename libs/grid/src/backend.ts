import type { BackendSettings, CredentialSettings, JobFault, JobTemplate } from '#contracts';

/** Under whose name something is done in a batch system. */
export interface GridIdentity {
  /** Name of the identity mapping, or of the backend's own credential: never a secret. */
  readonly name: string;
  /** Account in the batch system, where it has such. */
  readonly account?: string | undefined;
  readonly type: CredentialSettings['type'];
  /** Client id and the like. */
  readonly username?: string | undefined;
  /** The secret, opened at the moment of use, so that a rotated one counts at once. */
  secret(): string;
}

/** One attempt of a submission: `settings` is the text of a shell file that only this attempt may read. */
export interface SubmittedAttempt {
  readonly id: string;
  readonly settings: string;
}

/**
 * What is submitted at once: attempts of one group, alike but for their settings. A backend puts three files into the
 * directory that a job begins in (`slipway-job.sh`, `slipway-group.sh`, `slipway-attempt.sh`; nobody else may read the
 * last one) and has it run `sh slipway-job.sh`; where the last one has another name, that is the script's argument.
 */
export interface Submission {
  /** Written into the batch system, so that whoever died in between finds what was submitted. A UUID. */
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly user?: string | undefined;
  /** The steps' scripts, the environment and the inputs are in the files already. */
  readonly template: Pick<JobTemplate, 'steps' | 'resources' | 'image' | 'priority' | 'batch'>;
  readonly runningAtOnce?: number | undefined;
  readonly wrapper: string;
  readonly groupSettings: string;
  /** In an order that stays the same when it is submitted or looked for again. */
  readonly attempts: readonly SubmittedAttempt[];
  /**
   * `http`: the job speaks to the monitor itself. `backend`: worker nodes have no way out; the job leaves its log, outputs
   * and end as files in its directory (`transferredFiles`), and the batch system brings them back for `collect`.
   */
  readonly transfer: 'http' | 'backend';
}

/** What a job leaves behind where the batch system transfers: log, outputs (tar), how it ended (`key=value` lines). */
export const transferredFiles = ['slipway.log', 'slipway-outputs.tar.gz', 'slipway-end'] as const;

/** Which job of the batch system an attempt is. */
export interface BatchJob {
  readonly attemptId: string;
  /** The batch system's own id, as its users type it: `31.0`, `123_4`. */
  readonly batchId: string;
}

/** What the batch system says of one job. */
export interface BatchReport {
  readonly batchId: string;
  /** `ended`: it ran to an end of its own, and `exitCode` or `signal` says which; `gone`: it was removed or given up. */
  readonly state: 'waiting' | 'running' | 'suspended' | 'held' | 'ended' | 'gone';
  /** The wrapper's. */
  readonly exitCode?: number | undefined;
  readonly signal?: number | undefined;
  /** Why it is held or gone, in the batch system's own words. */
  readonly reason?: { readonly fault: JobFault; readonly words: string } | undefined;
  readonly node?: string | undefined;
  readonly startedAt?: Date | undefined;
  readonly endedAt?: Date | undefined;
  readonly usage?: {
    readonly cpuSeconds?: number;
    readonly memoryBytes?: number;
    readonly diskBytes?: number;
  };
}

/** What an event log says, and where to read on: a text of the backend's own, some hundred characters at most. */
export interface BatchNews {
  readonly reports: readonly BatchReport[];
  readonly next: string;
}

/** On whose behalf a backend is asked, and for how long. */
export interface Call {
  /** Absent: the backend's own. */
  readonly identity?: GridIdentity | undefined;
  /** Ends the call; what it began in the batch system may still come to be. */
  readonly signal: AbortSignal;
  /** Called by `submit` where the batch system has all that it needs: time for other work until it answers. */
  readonly handed?: (() => void) | undefined;
}

/**
 * A batch system. Every call may be made by any copy of a service, at any time and again.
 *
 * Errors: temporary `grid.unavailable` where the batch system does not answer or asks to come back (try later),
 * permanent `grid.refused` where it refuses in its own words, permanent `grid.unauthorized` where the identity may not.
 */
export interface GridBackend {
  /**
   * After how many milliseconds a submission that was cut off (the process died) is surely in the batch system or will
   * never be: `find` is believed only then when it finds nothing.
   */
  readonly settlesWithin: number;
  /** How many attempts one submission may have. */
  readonly mostAttempts: number;
  /** Whether it keeps to a submission's `runningAtOnce` itself; absent: the submitter hands over no more than that. */
  readonly throttles?: boolean;
  /** All or nothing: what it resolves to has one entry for each attempt, in their order. */
  submit(submission: Submission, call: Call): Promise<readonly BatchJob[]>;
  /** What the batch system has of a submission; empty where nothing is. */
  find(submission: Pick<Submission, 'id' | 'attempts'>, call: Call): Promise<readonly BatchJob[]>;
  /** Ends jobs wherever they are; those that it does not know any more are fine. */
  cancel(batchIds: readonly string[], call: Call): Promise<void>;
  /**
   * In as few queries as can be, everything of ours: what is in the queue and what has ended since (within a day).
   * `open` are those that the caller waits for, for batch systems that must be asked by id.
   */
  poll(open: ReadonlySet<string>, call: Call): Promise<readonly BatchReport[]>;
  /**
   * What has happened since, by the batch system's event log: news that need not wait for the next poll. It may come
   * twice or never, and be of others' jobs too; what a poll says is the truth. `since` is the `next` of an answer before,
   * from whichever copy; undefined: from now on. Absent where there is no event log.
   */
  events?(since: string | undefined, call: Call): Promise<BatchNews>;
  /** The batch system's own log of a job, for people; undefined where it keeps none. */
  ownLog(batchId: string, call: Call): Promise<string | undefined>;
  /**
   * Brings the `transferredFiles` of an ended job into a directory; those that it did not leave are absent. Only for
   * submissions with `transfer: 'backend'`.
   */
  collect(batchId: string, directory: string, call: Call): Promise<readonly string[]>;
  /** These are harvested: the batch system need not keep them. Those it does not know are fine. */
  forget(batchIds: readonly string[], call: Call): Promise<void>;
  /** Whether it can be used: resolves to what it is (version), rejects like every call. */
  probe(call: Call): Promise<string>;
  close(): Promise<void>;
}

/** Where a backend says what is nobody's error. */
export interface GridLogger {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

/** What a backend is opened with. */
export interface BackendOptions {
  readonly settings: BackendSettings;
  /** Which Slipway this is: several may use one batch system, and each sees its own jobs only. */
  readonly house: string;
  /** The backend's own credential, where it has one. */
  readonly own?: GridIdentity | undefined;
  /** A directory of this process's machine that is kept; the same for all services on it. */
  readonly directory: string;
  readonly logger: GridLogger;
}

/** A kind of batch system: one folder in `backends/` and a line in its list, or a package from npm. */
export interface BackendKind {
  /** As in the backend's settings. */
  readonly kind: string;
  readonly title: string;
  open(options: BackendOptions): Promise<GridBackend>;
}

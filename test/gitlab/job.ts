import { randomBytes } from 'node:crypto';
import { type JobDefinition } from './ci/definition.js';
import { type Artifact, type JobState, type Pipeline, type Runner, type StateUpdate } from './model.js';

const final: readonly JobState[] = ['success', 'failed', 'canceled', 'skipped'];

/** One job of a pipeline, with all that a runner sent of it. */
export class Job {
  readonly token = `glcbt-64_${randomBytes(15).toString('base64url')}`;
  /** Every state it was in, with its time in milliseconds. */
  readonly history: { readonly state: JobState; readonly at: number }[] = [];
  /** Every PUT that was processed. */
  readonly updates: StateUpdate[] = [];
  readonly artifacts: Artifact[] = [];
  /** Variables that a dotenv report gives to the jobs that depend on this one. */
  readonly dotenv = new Map<string, string>();
  readonly queuedAt = Date.now();
  runner: Runner | undefined;
  systemId: string | undefined;
  /** Whether the runner declared `cancel_gracefully` when it took the job. */
  cancelsGracefully = false;
  /** Taken in two phases, and not yet confirmed by the runner. */
  awaitsRunner = false;
  failureReason: string | undefined;
  exitCode: number | undefined;
  /** Failed, but the pipeline goes on. */
  allowedToFail = false;
  erased = false;
  heardAt = Date.now();
  /** The final PUT that waits for the trace to be stored, and how often it was answered 202. */
  storing: { readonly since: number; puts: number } | undefined;
  private pieces: Buffer[] = [];
  private size = 0;

  constructor(
    readonly id: number,
    readonly pipeline: Pipeline,
    readonly definition: JobDefinition,
    /** Which try this is, from 0. */
    readonly retried: number,
    state: JobState,
    private readonly changed: (job: Job) => void,
  ) {
    this.history.push({ state, at: Date.now() });
  }

  get name(): string {
    return this.definition.name;
  }

  get state(): JobState {
    return this.history.at(-1)?.state ?? 'created';
  }

  get isOver(): boolean {
    return final.includes(this.state);
  }

  get traceSize(): number {
    return this.size;
  }

  /** The bytes of the trace as they came. */
  get trace(): Buffer {
    const all = Buffer.concat(this.pieces);
    this.pieces = [all];
    return all;
  }

  /** When it came into its present state, in milliseconds. */
  since(): number {
    return this.history.at(-1)?.at ?? 0;
  }

  append(bytes: Buffer): void {
    this.pieces.push(bytes);
    this.size += bytes.length;
  }

  forgetTrace(): void {
    this.pieces = [];
    this.size = 0;
  }

  become(state: JobState): void {
    this.history.push({ state, at: Date.now() });
    this.changed(this);
  }

  drop(reason: string, exitCode?: number): void {
    this.failureReason = reason;
    this.exitCode = exitCode;
    const { allowFailure } = this.definition;
    this.allowedToFail =
      typeof allowFailure === 'boolean'
        ? allowFailure
        : exitCode !== undefined && allowFailure.includes(exitCode);
    this.become(this.state === 'canceling' ? 'canceled' : 'failed');
  }
}

import { type CiJob, JobClient, maskRulesOf, type MaskRules } from '#gitlab';
import { WakeUp } from '#service';
import { type FanOut, fanOutOfJob, isRefusal, type Refusal } from '../domain/fan-out/index.js';
import type { CiJobRecord, Ending, Stop } from '../domain/ci-job.js';
import { hasDebugTrace } from '../domain/debug-trace.js';
import type { CancelWish, Held } from '../storage/ci-job.store.js';
import type { LifeParts } from './life-parts.js';
import { openCiJob, openPlan, type Plan } from './sealed-job.js';
import { TraceSender } from './trace-sender.js';
import { TraceWriter } from './trace-writer.js';

/** A CI job that this copy looks after now, and all that belongs to it. */
export class CurrentLife {
  readonly held: Held;
  readonly job: CiJob;
  readonly gitlab: JobClient;
  readonly rules: MaskRules;
  readonly trace: TraceWriter;
  readonly sender: TraceSender;
  readonly wakeUp = new WakeUp();
  /** What its variables ask for; undefined where it does not fan out. */
  readonly askedFanOut: FanOut | Refusal | undefined;
  private readonly unwanted = new AbortController();
  private readonly cancelled = new AbortController();
  /** Aborted when what is done for the job is to end: for this copy, or because GitLab does not want it any more. */
  readonly working: AbortSignal;
  /** Aborted then, and also when the job is cancelled while its artifacts are on their way. */
  readonly delivering: AbortSignal;
  /** For the log: which job it is. */
  readonly about: { readonly gitlab: string; readonly ciJob: number; readonly runner: string };

  /** @param signal aborted when somebody else looks after it, or the service stops */
  constructor(
    readonly record: CiJobRecord,
    readonly parts: LifeParts,
    readonly signal: AbortSignal,
  ) {
    const { id, gitlab, ciJobId, runner, gitlabUrl } = record;
    this.held = { id, holder: parts.holder };
    this.about = { gitlab, ciJob: ciJobId, runner };
    this.job = openCiJob(parts.ring, record);
    const { token } = this.job;
    this.askedFanOut = fanOutOfJob(this.job, { runner: { name: runner }, gitlab: { url: gitlabUrl } });
    this.gitlab = new JobClient({
      server: parts.gitlabs.of(gitlabUrl),
      id: ciJobId,
      token,
      hasDebugTrace: hasDebugTrace(this.job),
    });
    this.rules = maskRulesOf(this.job);
    this.working = AbortSignal.any([signal, this.unwanted.signal]);
    this.delivering = AbortSignal.any([this.working, this.cancelled.signal]);
    this.trace = new TraceWriter(this);
    this.sender = new TraceSender(this);
  }

  get fanOut(): FanOut | undefined {
    return this.askedFanOut && !isRefusal(this.askedFanOut) ? this.askedFanOut : undefined;
  }

  /** GitLab wants it to end. */
  stop(stop: Stop): void {
    this.record.stop = stop;
    if (stop === 'stop') this.unwanted.abort();
    else if (this.record.phase === 'delivering') this.cancelled.abort();
    this.wakeUp.ring();
  }

  get isUnwanted(): boolean {
    return this.record.stop === 'stop';
  }

  get isCancelled(): boolean {
    return this.record.stop === 'cancel';
  }

  get plan(): Plan {
    return openPlan(this.parts.ring, this.record);
  }

  /** What the ending is depends on what GitLab takes. */
  get takenReasons(): readonly string[] {
    return this.job.features.failure_reasons;
  }

  /** It is to end so: its artifacts are still to come, or nothing is. */
  async ended(ending: Ending, phase: 'delivering' | 'finishing'): Promise<void> {
    await this.parts.jobs.ended(this.held, ending, phase);
    this.record.ending = ending;
    this.record.phase = phase;
    if (phase === 'finishing') this.record.finishingAt = new Date();
  }

  async over(ending: Ending, wish?: CancelWish): Promise<void> {
    await this.parts.jobs.over(this.held, this.record, ending, wish);
    this.record.phase = 'over';
    this.parts.said();
    this.parts.freed();
    this.parts.metrics.ended(ending.outcome);
    this.parts.log.info({ ...this.about, outcome: ending.outcome }, 'a CI job is over');
  }
}

import { AppError, permanent, temporary, toAppError } from '#errors';
import { mostPatchBytes, type Wanted } from '#gitlab';
import { WakeUp } from '#service';
import type { CurrentLife } from './current-life.js';

/** What became of an attempt to send: there may be more, all is there, or GitLab wants no more. */
export type Sent = 'more' | 'all' | 'closed';

const firstRetryMs = 100;
/** Smaller pieces are not tried where larger ones are too large, in bytes. */
const leastPatchBytes = 4_096;
/** So often in a row GitLab refuses a piece of trace for good before it is not asked any more: for about a minute. */
const mostRefusals = 10;

/**
 * Tells GitLab how a job goes while it is worked at: its trace as often as GitLab wants it, and that it is alive. One
 * question at a time; what fails is tried again, and what was said is never said in another order.
 */
export class TraceSender {
  private readonly wakeUp = new WakeUp();
  private intervalMs: number;
  private sentAt = 0;
  private wordAt = 0;
  private failures = 0;
  private pausedUntil = 0;
  private refusals = 0;
  private unconfirmed = 0;
  private pieceBytes = mostPatchBytes;

  constructor(private readonly life: CurrentLife) {
    this.intervalMs = life.parts.config.traceMs;
  }

  /** There is more to send. */
  grew(): void {
    this.wakeUp.ring();
  }

  /** Sends until told not to; what is under way then is waited for. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.life.record.stop !== 'stop') {
      const due = this.dueAt();
      const now = Date.now();
      if (due > now) await this.wakeUp.wait(due - now, signal);
      else await this.step();
    }
  }

  /**
   * Tells GitLab that the job is ours and runs, until it has answered: one that was not told in time gives the job to
   * somebody else, and then nothing of it may have begun here.
   */
  async greet(signal: AbortSignal): Promise<void> {
    while (this.wordAt === 0 && !signal.aborted) {
      const waitMs = this.pauseMs();
      if (waitMs > 0) await this.wakeUp.wait(waitMs, signal);
      else await this.step();
    }
  }

  /** GitLab takes no more of the trace, whatever it is sent. */
  get isRefused(): boolean {
    return this.refusals >= mostRefusals;
  }

  /** One piece of what GitLab does not have. @throws AppError permanent `gitlab.trace_refused` */
  async send(): Promise<Sent> {
    const { record, parts, gitlab } = this.life;
    const bytes = await parts.traces.read(record.id, record.traceAcked, this.pieceBytes);
    if (bytes.length === 0) return 'all';
    const answer = await gitlab.patchTrace(record.traceAcked, bytes);
    if (answer.is === 'refused') return this.refused(answer, bytes.length);
    // GitLab says 403 of a job that is gone. Whoever is before it may have said this, and a job is not ended for that.
    if (answer.is === 'missing') return this.refused({ status: 404, words: 'GitLab has no such job' }, 0);
    this.refusals = 0;
    this.sentAt = this.wordAt = Date.now();
    parts.metrics.asked('trace');
    if (answer.is === 'taken' || answer.is === 'elsewhere') {
      if (answer.size > record.traceBytes) this.tooLong(answer.size);
      record.traceAcked = Math.min(answer.size, record.traceBytes);
    }
    if (answer.is === 'taken') {
      this.intervalMs = answer.intervalMs ?? this.intervalMs;
      parts.metrics.sent(bytes.length);
    }
    await this.obey(answer.wanted);
    if (answer.is === 'closed') return 'closed';
    return record.traceAcked < record.traceBytes ? 'more' : 'all';
  }

  private refused(
    { status, words }: { readonly status: number; readonly words: string },
    size: number,
  ): Sent {
    // What is before GitLab may take less in one piece than GitLab does.
    if (status === 413 && size > leastPatchBytes) {
      this.pieceBytes = Math.max(leastPatchBytes, Math.floor(size / 2));
      return 'more';
    }
    this.refusals += 1;
    throw permanent('gitlab.trace_refused', words);
  }

  /** What GitLab wants of the job is done by who leads its life. */
  async obey(wanted: Wanted | 'missing'): Promise<void> {
    const { record, parts, held } = this.life;
    const stop = wanted === 'work' ? undefined : wanted === 'cancel' ? 'cancel' : 'stop';
    if (stop === undefined || record.stop === stop || record.stop === 'stop') return;
    await parts.jobs.stop(held, stop);
    this.life.stop(stop);
  }

  private dueAt(): number {
    const { record } = this.life;
    const isUnsent = record.traceAcked < record.traceBytes;
    const traceAt = isUnsent ? this.sentAt + this.intervalMs : Infinity;
    return Math.max(this.pausedUntil, Math.min(traceAt, this.aliveAt()));
  }

  /** When GitLab is told that the job lives, where nothing else is said: no more often than it wants to hear of it. */
  private aliveAt(): number {
    if (this.wordAt === 0) return 0;
    return this.wordAt + Math.max(this.life.parts.config.keepAliveMs, this.intervalMs);
  }

  private async step(): Promise<void> {
    const { record, parts } = this.life;
    try {
      // The first word to GitLab is that the job runs; and that it lives is said whatever becomes of its trace.
      const isSilent = this.wordAt === 0 || (this.refusals > 0 && Date.now() >= this.aliveAt());
      if (!isSilent && record.traceAcked < record.traceBytes) await this.missed(await this.send());
      else await this.alive();
      if (this.refusals === 0) this.failures = 0;
    } catch (thrown) {
      const error = toAppError(thrown);
      this.pausedUntil = Date.now() + this.waitAfter(error);
      if (this.failures === 1)
        parts.log.warn(
          { ...this.life.about, code: error.code, err: error.message },
          'GitLab is not told of a job',
        );
    }
  }

  /** How long GitLab still wants to be left alone, in milliseconds. */
  pauseMs(): number {
    return Math.max(0, this.pausedUntil - Date.now());
  }

  /** How long to leave GitLab alone, in milliseconds. */
  waitAfter(error: AppError): number {
    const { retryMs } = this.life.parts.config;
    this.failures += 1;
    const backOff = Math.min(retryMs, firstRetryMs * 2 ** Math.min(this.failures - 1, 20));
    return Math.max((error.retryAfterSeconds ?? 0) * 1_000, backOff * (0.5 + Math.random() / 2));
  }

  private async alive(): Promise<void> {
    const answer = await this.life.gitlab.setState({ state: 'running' });
    this.life.parts.metrics.asked('state');
    await this.obey(answer.wanted);
    if (answer.is === 'closed' || answer.is === 'missing') await this.obey('stop');
    else if (answer.is !== 'taken' && this.wordAt === 0 && ++this.unconfirmed < mostRefusals)
      throw temporary('gitlab.not_confirmed', `GitLab does not take that the job runs: ${answer.is}`);
    this.wordAt = Date.now();
  }

  private async missed(sent: Sent): Promise<void> {
    if (sent === 'closed') await this.obey('stop');
  }

  private tooLong(size: number): void {
    const { about, record, parts } = this.life;
    parts.log.warn({ ...about, size, own: record.traceBytes }, 'GitLab has more of a trace than there is');
  }
}

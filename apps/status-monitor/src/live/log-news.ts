import type { Bus } from '#bus';
import { jobLog } from '#contracts';
import { toAppError } from '#errors';
import type { Writing } from '../domain/attempt.js';
import type { LogSignals } from '../storage/logs/log-signals.js';

/** The events go past the outbox: none of them is worth a transaction. */
export interface LogNewsParts {
  readonly bus: Pick<Bus, 'publish'>;
  readonly signals: Pick<LogSignals, 'grew'>;
  readonly log: { warn(fields: object, text: string): void };
}

interface News {
  readonly attempt: Writing;
  readonly bytes: number;
  readonly ended: boolean;
}

const everyMs = 1_000;

/**
 * Says that logs grew: at once to who follows one here, and as `job.log`, at most once a second for each attempt. Such
 * an event may be lost with the process: the next one, or the attempt's end, says more.
 */
export class LogNews {
  private waiting = new Map<string, News>();
  private timer: NodeJS.Timeout | undefined;
  private saying = Promise.resolve();

  constructor(private readonly parts: LogNewsParts) {}

  grew(attempt: Writing, bytes: number): void {
    this.note({ attempt, bytes, ended: false });
  }

  ended(attempt: Writing, bytes: number): void {
    this.note({ attempt, bytes, ended: true });
  }

  /** Says what waits. */
  close(): Promise<void> {
    clearTimeout(this.timer);
    return this.say();
  }

  private note(news: News): void {
    this.parts.signals.grew(news.attempt.id);
    const { bytes = 0, ended = false } = this.waiting.get(news.attempt.id) ?? {};
    this.waiting.set(news.attempt.id, {
      ...news,
      bytes: Math.max(bytes, news.bytes),
      ended: ended || news.ended,
    });
    this.timer ??= setTimeout(() => void this.say(), everyMs).unref();
  }

  private say(): Promise<void> {
    this.timer = undefined;
    const all = [...this.waiting.values()];
    this.waiting = new Map();
    this.saying = this.saying.then(() => this.publish(all));
    return this.saying;
  }

  private async publish(all: readonly News[]): Promise<void> {
    const at = new Date().toISOString();
    const said = all.map(({ attempt, bytes, ended }) =>
      this.parts.bus.publish(jobLog, {
        groupId: attempt.groupId,
        jobId: attempt.jobId,
        attemptId: attempt.id,
        index: attempt.index,
        attempt: attempt.number,
        project: attempt.project,
        backend: attempt.backend,
        at,
        logBytes: bytes,
        ended,
      }),
    );
    const failed = (await Promise.allSettled(said)).filter(({ status }) => status === 'rejected');
    const [first] = failed;
    if (first?.status !== 'rejected') return;
    const { code, message } = toAppError(first.reason);
    this.parts.log.warn({ code, err: message, events: failed.length }, 'that logs grew was not announced');
  }
}

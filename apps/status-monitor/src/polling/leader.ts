import type { AdvisoryLock } from '#database';
import { toAppError } from '#errors';
import type { Logger } from '#service';
import { setTimeout as pause } from 'node:timers/promises';

/** One thing that at most one copy of the service does at a time. */
export interface LeaderOptions {
  /** What is led, for the log. */
  readonly what: string;
  /** The right to lead, or undefined while another copy has it. */
  readonly lock: () => Promise<AdvisoryLock | undefined>;
  /** What the one leader does over and over; a failure is logged, and it does so again. */
  readonly work: (signal: AbortSignal) => Promise<void>;
  /** Between the beginnings of two rounds, and between two tries for the lock, in milliseconds. */
  readonly intervalMs: number;
  readonly standbyMs: number;
  /** Of a failure that lasts the log speaks once, not with each round. */
  readonly saysOnce?: boolean;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/**
 * Does something at an interval in one copy of all. The lock is a database session's: who dies is followed at once, and
 * who loses the session stops.
 */
export class Leader {
  private readonly stopping = new AbortController();
  private done: Promise<void> | undefined;
  private problem: string | undefined;

  constructor(private readonly options: LeaderOptions) {}

  start(): void {
    this.done = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.done;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.lead().catch((thrown: unknown) => this.complain(thrown));
      await sleep(this.options.standbyMs, signal);
    }
  }

  private async lead(): Promise<void> {
    const { what, log, work, intervalMs } = this.options;
    const lock = await this.options.lock();
    if (!lock) return;
    log.info({ what }, 'leading');
    const signal = AbortSignal.any([this.stopping.signal, lock.lost]);
    try {
      while (!signal.aborted) {
        const due = Date.now() + intervalMs;
        await work(signal).then(
          () => (this.problem = undefined),
          (thrown: unknown) => signal.aborted || this.complain(thrown),
        );
        await sleep(due - Date.now(), signal);
      }
    } finally {
      await lock.release().catch(() => undefined);
    }
  }

  private complain(thrown: unknown): void {
    const { code, message, level } = toAppError(thrown);
    if (this.options.saysOnce === true && this.problem === message) return;
    this.problem = message;
    const loudness = level === 'error' ? 'error' : 'warn';
    this.options.log[loudness](
      { what: this.options.what, code, err: message },
      'it failed, and is tried again',
    );
  }
}

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(Math.max(0, ms), undefined, { signal }).catch(() => undefined);

import type { Held, SubmissionStore } from '../storage/submission.store.js';

/**
 * The right to work on one submission. It is renewed as long as the work lasts; by its end, by this machine's clock, the
 * work is cut off, so that nobody else has begun by then.
 */
export class Lease {
  private readonly over = new AbortController();
  private readonly renewing: NodeJS.Timeout;
  private ending: NodeJS.Timeout | undefined;
  private until: number;

  /** @param takenAt when it was asked for, as `performance.now()` says */
  constructor(
    private readonly store: Pick<SubmissionStore, 'renew'>,
    private readonly held: Held,
    private readonly leaseMs: number,
    takenAt: number,
  ) {
    this.until = takenAt + leaseMs;
    this.endLater();
    this.renewing = setInterval(() => void this.renew(), leaseMs / 3).unref();
  }

  /** Aborted when it is over. */
  get signal(): AbortSignal {
    // A process that was stopped for a while finds its timers late: the clock decides.
    if (performance.now() >= this.until) this.over.abort(lost());
    return this.over.signal;
  }

  end(): void {
    clearInterval(this.renewing);
    clearTimeout(this.ending);
  }

  private async renew(): Promise<void> {
    const asked = performance.now();
    try {
      if (!(await this.store.renew(this.held, this.leaseMs))) return this.over.abort(lost());
      this.until = asked + this.leaseMs;
      this.endLater();
    } catch {
      // The database does not answer: it is tried again, until the time is over.
    }
  }

  private endLater(): void {
    clearTimeout(this.ending);
    const left = Math.max(0, this.until - performance.now());
    this.ending = setTimeout(() => this.over.abort(lost()), left).unref();
  }
}

const lost = (): Error => new Error('the lease of the submission is over');

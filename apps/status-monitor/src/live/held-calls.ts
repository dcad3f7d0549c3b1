import { hasEnded } from '#contracts';
import type { Standing } from '../domain/attempt.js';

/** How often it is looked whether a job is to end, in milliseconds; for all of them at once. */
const everyMs = 500;
/** Further calls are answered at once: their jobs come again when they have to say that they live. */
const mostHeld = 2_000;

/**
 * Calls of jobs that have nothing to say, held until their job is to end or their time is up: so a silent job hears of its
 * cancellation as soon as one that logs, and asks no more often.
 */
export class HeldCalls {
  private held = 0;
  private isClosed = false;
  private next: Promise<void> | undefined;
  private wake: (() => void) | undefined;

  /** @param find reads those that are asked for at one time together */
  constructor(private readonly find: (attemptId: string) => Promise<Standing | undefined>) {}

  /** @returns how the attempt stands then @throws what `find` throws */
  async hold(standing: Standing, ms: number): Promise<Standing> {
    if (this.held >= mostHeld) return standing;
    const until = Date.now() + ms;
    let now = standing;
    this.held += 1;
    try {
      while (!this.isClosed && now.cancel === undefined && !hasEnded(now.state) && Date.now() < until) {
        await this.tick();
        now = (await this.find(now.id)) ?? now;
      }
      return now;
    } finally {
      this.held -= 1;
    }
  }

  /** Lets all go: who stops keeps nobody waiting. */
  close(): void {
    this.isClosed = true;
    this.wake?.();
  }

  private tick(): Promise<void> {
    this.next ??= new Promise<void>((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, everyMs);
    }).finally(() => (this.next = undefined));
    return this.next;
  }
}

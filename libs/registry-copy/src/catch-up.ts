import { randomUUID } from 'node:crypto';

/** How long a copy waits for what, in milliseconds. */
export interface CatchUpTiming {
  /** For a change that came too early to be joined by those before it. */
  readonly gapMs: number;
  /** For an answer before it asks again; doubles up to `longestMs`. The question waits in the registry's queue. */
  readonly answerMs: number;
  readonly longestMs: number;
  /** After a question that could not be said; doubles up to `longestMs`. */
  readonly failedMs: number;
  /** Between questions when nothing seems to be missing. */
  readonly usualMs: number;
}

/** A gap is asked about after 0.2 s, a question without an answer again after 15 s; else every five minutes. */
export const defaultTiming: CatchUpTiming = {
  gapMs: 200,
  answerMs: 15_000,
  longestMs: 300_000,
  failedMs: 1_000,
  usualMs: 300_000,
};

/**
 * Decides when a copy asks the registry what it missed: when it begins to listen, when it sees a gap, when it had no
 * answer, and now and then, because a change that was the last one leaves no gap to be seen.
 */
export class CatchUp {
  private queue: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private due = Infinity;
  private tries = 0;
  private askedAt = 0;
  private outstanding: string | undefined;

  /** @param say asks; rejects where it could not be said */
  constructor(
    private readonly say: (queue: string, request: string) => Promise<void>,
    private readonly timing: CatchUpTiming = defaultTiming,
  ) {}

  /** True while a question waits for its answer. */
  get isWaiting(): boolean {
    return this.outstanding !== undefined;
  }

  isOurs(request: string): boolean {
    return request === this.outstanding;
  }

  /** The copy listens at `queue` from now on. */
  opened(queue: string): void {
    this.queue = queue;
    this.tries = 0;
    void this.ask();
  }

  /** Something is missing. */
  gap(): void {
    // With a question just asked, its answer will most likely tell.
    const patience = this.isWaiting ? Math.max(0, this.askedAt + 10 * this.timing.gapMs - Date.now()) : 0;
    this.askWithin(Math.max(this.timing.gapMs, patience));
  }

  answered(): void {
    this.outstanding = undefined;
    this.tries = 0;
    this.askAfter(this.timing.usualMs * (0.5 + Math.random() / 2));
  }

  /** At once, whatever was asked before. */
  again(): void {
    void this.ask();
  }

  close(): void {
    this.queue = undefined;
    clearTimeout(this.timer);
  }

  private async ask(): Promise<void> {
    const { queue } = this;
    if (queue === undefined) return;
    const request = randomUUID();
    this.outstanding = request;
    this.askedAt = Date.now();
    this.tries += 1;
    this.askAfter(this.growing(this.timing.answerMs));
    try {
      await this.say(queue, request);
    } catch {
      if (this.isOurs(request)) this.askAfter(this.growing(this.timing.failedMs));
    }
  }

  private growing(firstMs: number): number {
    return Math.min(this.timing.longestMs, firstMs * 2 ** (this.tries - 1)) * (0.5 + Math.random() / 2);
  }

  private askWithin(ms: number): void {
    if (Date.now() + ms < this.due) this.askAfter(ms);
  }

  private askAfter(ms: number): void {
    clearTimeout(this.timer);
    if (this.queue === undefined) return;
    this.due = Date.now() + ms;
    this.timer = setTimeout(() => void this.ask(), ms).unref();
  }
}

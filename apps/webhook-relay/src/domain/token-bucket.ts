/** How many deliveries a source may send. */
export interface Rate {
  /** Sustained, per second. */
  readonly perSecond: number;
  /** How many may come at once after a quiet time. */
  readonly burst: number;
}

/** Limits a rate: `burst` at once, `perSecond` for ever. Per process: two copies of the relay let twice as much in. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly rate: Rate,
    now: number,
  ) {
    this.tokens = rate.burst;
    this.filledAt = now;
  }

  /**
   * Takes one token.
   * @param now milliseconds, never going back
   * @returns 0, or how many whole seconds to wait until there is one
   */
  take(now: number): number {
    const { perSecond, burst } = this.rate;
    const gained = Math.max(0, ((now - this.filledAt) * perSecond) / 1_000);
    this.tokens = Math.min(burst, this.tokens + gained);
    this.filledAt = now;
    if (this.tokens >= 1) {
      this.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - this.tokens) / perSecond));
  }
}

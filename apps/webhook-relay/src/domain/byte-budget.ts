/** Bounds the memory that bodies on their way in take together, however many senders there are. */
export class ByteBudget {
  private used = 0;

  constructor(private readonly limit: number) {}

  /** Whether there was room; one body is always let in, however large, or a small budget would never take it. */
  reserve(bytes: number): boolean {
    if (this.used > 0 && this.used + bytes > this.limit) return false;
    this.used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.used -= bytes;
  }
}

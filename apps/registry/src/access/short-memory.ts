/** Remembers answers for a moment, so that a burst of requests asks the database once. */
export class ShortMemory<T> {
  private readonly entries = new Map<string, { readonly value: Promise<T>; readonly until: number }>();

  constructor(
    private readonly find: (key: string) => Promise<T>,
    /** Milliseconds: also how long a copy may go by what another has changed since. */
    private readonly lifetimeMs: number,
    private readonly now: () => number = Date.now,
    private readonly size = 10_000,
  ) {}

  async get(key: string): Promise<T> {
    const entry = this.entries.get(key);
    if (entry && entry.until > this.now()) return entry.value;
    const value = this.find(key);
    this.entries.delete(key);
    this.entries.set(key, { value, until: this.now() + this.lifetimeMs });
    // The oldest go first: whoever sends many made-up ids must not fill the memory.
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.size) break;
      this.entries.delete(oldest);
    }
    // A failure is nobody's answer but the asker's.
    value.catch(() => this.forget(key));
    return value;
  }

  forget(key: string): void {
    this.entries.delete(key);
  }
}

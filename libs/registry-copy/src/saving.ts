/** Changes that come together are saved together, after this time, in milliseconds. */
const togetherMs = 50;
const longestPauseMs = 30_000;

/** Saves what changed soon, one time after another, and tries again where it fails. */
export class Saving {
  private isDirty = false;
  private isForced = false;
  private failures = 0;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly save: (always: boolean) => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** @param always whether a newer state on disk is replaced too */
  soon(always: boolean): void {
    this.isDirty = true;
    this.isForced ||= always;
    this.schedule(togetherMs);
  }

  /** Saves what is left to be saved; gives up where that fails. */
  async finish(): Promise<void> {
    clearTimeout(this.timer);
    await this.running;
    if (this.isDirty) await this.run();
    clearTimeout(this.timer);
  }

  private schedule(ms: number): void {
    if (this.timer || this.running) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.running = this.run().finally(() => {
        this.running = undefined;
        if (this.isDirty) this.schedule(Math.min(longestPauseMs, togetherMs * 2 ** this.failures));
      });
    }, ms);
    this.timer.unref();
  }

  private async run(): Promise<void> {
    const always = this.isForced;
    this.isDirty = this.isForced = false;
    try {
      await this.save(always);
      this.failures = 0;
    } catch (error) {
      this.isDirty = true;
      this.isForced ||= always;
      this.failures += 1;
      this.failed(error);
    }
  }
}

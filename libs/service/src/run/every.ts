import { toAppError } from '#errors';
import type { Logger } from '../logging/logger.js';

/** Does something at an interval, and at once when it is woken; never twice at a time. A failure is logged and tried again. */
export class Every {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private closed = false;

  constructor(
    private readonly what: string,
    private readonly intervalMs: number,
    private readonly work: () => Promise<void>,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.wake(), this.intervalMs).unref();
    this.wake();
  }

  wake(): void {
    if (this.closed) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = this.work()
      .catch((thrown: unknown) => {
        const { code, message } = toAppError(thrown);
        this.log.warn({ what: this.what, code, err: message }, 'it failed, and is tried again');
      })
      .finally(() => {
        this.running = undefined;
        if (!this.again) return;
        this.again = false;
        this.wake();
      });
  }

  /** Ends with what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.closed = true;
    await this.running;
  }
}

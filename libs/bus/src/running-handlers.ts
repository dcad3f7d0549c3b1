import { temporary, type AppError } from '#errors';
import type { Delivery, Handler } from './handler.js';
import { noTrace, type BusTrace } from './options.js';

interface Running {
  readonly since: number;
  readonly timeoutMs: number;
  readonly delivery: Delivery;
  readonly expire: (error: AppError) => void;
}

/** The handlers at work for one queue. One sweep watches their time: a timer for each message would cost too much. */
export class RunningHandlers {
  private readonly running = new Set<Running>();
  private readonly sweeper: NodeJS.Timeout;

  constructor(
    handlers: readonly Handler[],
    private readonly trace: BusTrace,
  ) {
    const shortest = Math.min(...handlers.map((handler) => handler.policy.timeoutSeconds * 1000));
    const everyMs = Math.min(1000, Math.max(50, shortest / 4));
    this.sweeper = setInterval(() => this.sweep(Date.now()), everyMs).unref();
  }

  get count(): number {
    return this.running.size;
  }

  /** What the handler ends with, or temporary `bus.handler_timeout`: then nobody waits for it any more. */
  async run(handler: Handler, payload: unknown, delivery: Delivery): Promise<void> {
    let running: Running | undefined;
    try {
      await new Promise<unknown>((resolve, reject) => {
        running = {
          since: Date.now(),
          timeoutMs: handler.policy.timeoutSeconds * 1000,
          delivery,
          expire: reject,
        };
        this.running.add(running);
        const result =
          this.trace === noTrace
            ? handler.handle(payload, delivery)
            : this.trace.run(delivery.traceparent, () => handler.handle(payload, delivery));
        result.then(resolve, reject);
      });
    } finally {
      if (running) this.running.delete(running);
    }
  }

  /** Tells those that still run that nobody waits for them. */
  abandon(): void {
    clearInterval(this.sweeper);
    for (const { delivery } of this.running) delivery.abort(new Error('the service stops'));
  }

  private sweep(now: number): void {
    for (const { since, timeoutMs, expire, delivery } of this.running) {
      if (now - since < timeoutMs) continue;
      const error = temporary('bus.handler_timeout', `the handler took longer than ${timeoutMs / 1000} s`);
      delivery.abort(error);
      expire(error);
    }
  }
}

import { constants } from 'node:os';
import type { Logger } from '../logging/logger.js';

/** How the process ends when it is told to. */
export class Shutdown {
  private close: () => Promise<void> = () => Promise.resolve();
  private closing = false;

  constructor(
    private readonly logger: Logger,
    /** How long closing may take, in milliseconds. */
    private readonly deadlineMs: number,
  ) {}

  /** Whether the process is being stopped. */
  get begun(): boolean {
    return this.closing;
  }

  /** What finishes the work in progress and lets go of everything; nothing until it is told. */
  closes(close: () => Promise<void>): void {
    this.close = close;
  }

  /**
   * SIGTERM or SIGINT closes and exits 0, or 1 where that fails or takes too long; a second signal exits at once. From
   * the first moment on: as process 1 of a container it would otherwise not hear them at all.
   */
  onSignals(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (this.closing) {
          this.logger.warn({ signal }, 'second signal: exiting at once');
          process.exit(128 + constants.signals[signal]);
        }
        this.closing = true;
        void this.closeAndExit(signal);
      });
    }
  }

  private async closeAndExit(signal: string): Promise<never> {
    const { logger, deadlineMs } = this;
    logger.info({ signal }, 'shutting down');
    setTimeout(() => {
      logger.error({ deadlineMs }, 'work did not finish in time: exiting');
      process.exit(1);
    }, deadlineMs).unref();
    try {
      await this.close();
    } catch (error) {
      logger.error({ err: error }, 'shutdown failed');
      process.exit(1);
    }
    logger.info('stopped');
    process.exit(0);
  }
}

/** A defect that nobody caught leaves the process in an unknown state: say so and let the supervisor start a new one. */
export function exitOnDefects(logger: Logger): void {
  const die =
    (message: string) =>
    (thrown: unknown): void => {
      logger.fatal({ err: thrown }, message);
      process.exit(1);
    };
  process.on('uncaughtException', die('uncaught exception'));
  process.on('unhandledRejection', die('unhandled rejection'));
}

import { constants } from 'node:os';
import type { Logger } from '../logging/logger.js';

export interface Shutdown {
  readonly logger: Logger;
  /** How long `close` may take, in milliseconds. */
  readonly deadlineMs: number;
  /** Finishes the work in progress and lets go of everything. */
  close(): Promise<void>;
}

/** SIGTERM or SIGINT closes and exits 0, or 1 where that fails or takes too long; a second signal exits at once. */
export function closeOnSignals(shutdown: Shutdown): void {
  let closing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (closing) {
        shutdown.logger.warn({ signal }, 'second signal: exiting at once');
        process.exit(128 + constants.signals[signal]);
      }
      closing = true;
      void closeAndExit(shutdown, signal);
    });
  }
}

async function closeAndExit(shutdown: Shutdown, signal: string): Promise<never> {
  const { logger, deadlineMs } = shutdown;
  logger.info({ signal }, 'shutting down');
  setTimeout(() => {
    logger.error({ deadlineMs }, 'work did not finish in time: exiting');
    process.exit(1);
  }, deadlineMs).unref();
  try {
    await shutdown.close();
  } catch (error) {
    logger.error({ err: error }, 'shutdown failed');
    process.exit(1);
  }
  logger.info('stopped');
  process.exit(0);
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

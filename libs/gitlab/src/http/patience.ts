import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, temporary } from '#errors';

/** How long, and how, a temporary error is waited on. */
export interface Patience {
  /** Ends the waiting, never a request on its way: `gitlab.aborted`, temporary. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which a temporary error is given on. Without it, trying goes on. */
  readonly giveUpAfterMs?: number;
  /** Told of each error that is waited on. */
  readonly onWait?: (error: AppError, waitMs: number) => void;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

const firstWaitMs = 100;
const longestWaitMs = 60_000;

/**
 * How long to wait before try `attempt` + 1, in milliseconds. What GitLab asks for comes first; else 100 ms, doubled each
 * time up to a minute, of which the second half is by chance, so that those who failed together do not come back together.
 */
export function waitAfter(error: AppError, attempt: number, random: () => number = Math.random): number {
  const backOff = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempt - 1, 20));
  const asked = (error.retryAfterSeconds ?? 0) * 1_000;
  return Math.max(asked, backOff * (0.5 + 0.5 * random()));
}

/** Tries again whatever is temporary, as long as the caller has patience. */
export async function patiently<T>(work: () => Promise<T>, patience: Patience = {}): Promise<T> {
  const { signal, giveUpAfterMs = Number.POSITIVE_INFINITY, onWait, random } = patience;
  const began = Date.now();
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError) || !error.temporary || error.code === 'gitlab.aborted') throw error;
      const wait = waitAfter(error, attempt, random);
      if (Date.now() - began + wait > giveUpAfterMs) throw error;
      onWait?.(error, wait);
      await sleep(wait, undefined, signal ? { signal } : {}).catch(() => throwIfAborted(signal));
    }
  }
}

/** @throws AppError `gitlab.aborted` (temporary) */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw temporary('gitlab.aborted', 'told to stop', { level: 'info' });
}

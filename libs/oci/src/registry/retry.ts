import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, temporary } from '#errors';

/** How long one waits on a registry within one fetch. What outlasts it, the message's own retry cures. */
export interface RetryPolicy {
  /** Tries in a row without progress before giving up. */
  readonly attempts: number;
  /** Wait before the second try, in milliseconds; doubles each time, with ±20 % jitter. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** A server that asks for more patience (Retry-After) than this many seconds is left to the message's own retry. */
  readonly maxRetryAfterSeconds: number;
}

/** About 8 s in all where nothing says Retry-After, so that a short restart of a registry fails no fetch. */
export const defaultRetry: RetryPolicy = {
  attempts: 5,
  firstDelayMs: 500,
  maxDelayMs: 15_000,
  maxRetryAfterSeconds: 60,
};

/** Codes that waiting a few seconds may cure. What is not found yet is for the message's own, longer retry. */
const curable = new Set([
  'registry.unavailable',
  'registry.rate_limited',
  'registry.unreachable',
  'registry.stalled',
]);

/** How long to wait before try number `attempt` + 1, in milliseconds; nothing when it is time to give up. */
export function retryDelay(
  policy: RetryPolicy,
  error: unknown,
  attempt: number,
  random: () => number = Math.random,
): number | undefined {
  if (!(error instanceof AppError) || !curable.has(error.code) || attempt >= policy.attempts)
    return undefined;
  const asked = error.retryAfterSeconds ?? 0;
  if (asked > policy.maxRetryAfterSeconds) return undefined;
  const backOff = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  return Math.max(asked * 1000, backOff * (0.8 + 0.4 * random()));
}

/** Runs the work until it succeeds, fails for good, or the policy's attempts are spent. */
export async function withRetry<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const delay = retryDelay(policy, error, attempt);
      if (delay === undefined) throw error;
      await pause(delay, signal);
    }
  }
}

/** Waits, unless the signal ends the waiting: `registry.aborted`. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => throwIfAborted(signal));
}

/** @throws AppError `registry.aborted` (temporary) */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw temporary('registry.aborted', 'the fetch was stopped', { level: 'info' });
}

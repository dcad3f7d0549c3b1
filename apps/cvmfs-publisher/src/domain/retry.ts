/** Seconds to wait after the n-th failed attempt; after the last one the publication has failed. */
const defaultRetryDelays: readonly number[] = [10, 30, 60, 300, 900, 3600, 3600];

/**
 * When to try again after `attempt` failed for a reason that may pass, or undefined when it was the last.
 * A wait that the other side asked for (Retry-After) is honoured when it is longer.
 */
export function retryAt(
  attempt: number,
  now: Date,
  delays = defaultRetryDelays,
  askedSeconds = 0,
): Date | undefined {
  const delay = delays[attempt - 1];
  return delay === undefined ? undefined : new Date(now.getTime() + Math.max(delay, askedSeconds) * 1000);
}

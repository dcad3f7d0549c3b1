import type { RetryDelay } from '#contracts';
import { permanent } from '#errors';

/** What happens to a message whose handler fails; stands beside the handler. */
export interface Policy {
  /** Tries in all, the first one included. */
  readonly attempts: number;
  /** Waits before the second, third … try; the last one serves all further ones. */
  readonly delays: readonly RetryDelay[];
  /** Messages that one copy of the service holds unacknowledged. Where handlers of a queue differ, the largest counts. */
  readonly prefetch: number;
  /** Handlers that one copy runs at a time, at most `prefetch`. Where handlers of a queue differ, the largest counts. */
  readonly concurrency: number;
  /** How long a handler may take before it counts as hung: a temporary failure. At most 1500 s: the broker's own limit is 1800 s. */
  readonly timeoutSeconds: number;
}

const defaultPolicy: Policy = {
  attempts: 8,
  delays: ['10s', '10s', '1m', '1m', '10m', '10m', '1h'],
  prefetch: 50,
  concurrency: 50,
  timeoutSeconds: 300,
};

/**
 * A whole policy from what differs from the usual: 8 attempts within about an hour and a half, 50 at a time, 300 s each.
 * Throws permanent `bus.bad_policy`.
 */
export function policy(differs: Partial<Policy> = {}): Policy {
  const prefetch = differs.prefetch ?? defaultPolicy.prefetch;
  const whole = { ...defaultPolicy, concurrency: prefetch, ...differs, prefetch };
  const wrong =
    whole.attempts < 1 ||
    (whole.attempts > 1 && whole.delays.length === 0) ||
    whole.prefetch < 1 ||
    whole.prefetch > 2000 ||
    whole.concurrency < 1 ||
    whole.concurrency > whole.prefetch ||
    whole.timeoutSeconds <= 0 ||
    whole.timeoutSeconds > 1500;
  if (wrong) throw permanent('bus.bad_policy', `not a usable policy: ${JSON.stringify(whole)}`);
  return whole;
}

import type { RetryDelay } from '#contracts';
import type { AppError } from '#errors';
import type { Policy } from './policy.js';

/** Why a message became a dead letter. */
export type DeadReason = 'permanent' | 'exhausted' | 'crashed' | 'invalid' | 'undecodable' | 'unknown_type';

/** After a failure: to the delay queue of this name, or to the dead letters for this reason. */
export type Fate =
  | { readonly kind: 'retry'; readonly delay: RetryDelay }
  | { readonly kind: 'dead'; readonly reason: DeadReason };

const unreadable: Readonly<Record<string, DeadReason>> = {
  'bus.undecodable': 'undecodable',
  'bus.unknown_type': 'unknown_type',
  'bus.invalid_message': 'invalid',
  'bus.consumer_crashed': 'crashed',
};

/**
 * What becomes of a message whose `attempt`-th try (1 is the first) ended in `error`. Where the other side said how
 * long to wait, the shortest delay that is at least as long is taken instead of the policy's.
 */
export function fateOf(
  error: AppError,
  attempt: number,
  policy: Policy,
  delays: Readonly<Record<RetryDelay, number>>,
): Fate {
  const known = error.temporary ? undefined : unreadable[error.code];
  if (known) return { kind: 'dead', reason: known };
  if (!error.temporary) return { kind: 'dead', reason: 'permanent' };
  const usual = policy.delays[Math.min(attempt, policy.delays.length) - 1];
  if (attempt >= policy.attempts || usual === undefined) return { kind: 'dead', reason: 'exhausted' };
  return { kind: 'retry', delay: atLeast(usual, error.retryAfterSeconds, delays) };
}

function atLeast(
  usual: RetryDelay,
  seconds: number | undefined,
  delays: Readonly<Record<RetryDelay, number>>,
): RetryDelay {
  if (seconds === undefined || seconds * 1000 <= delays[usual]) return usual;
  const byLength = (Object.entries(delays) as [RetryDelay, number][]).sort((a, b) => a[1] - b[1]);
  const enough = byLength.find(([, ms]) => ms >= seconds * 1000) ?? byLength.at(-1);
  return enough ? enough[0] : usual;
}

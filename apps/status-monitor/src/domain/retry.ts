import type { JobTemplate } from '#contracts';
import type { AttemptRecord } from './attempt.js';

/**
 * When a job whose attempt ended so may be tried again; undefined where it is not tried again. What somebody does not
 * want any more never is.
 */
export function retryAt(
  { most, on, delaySeconds }: JobTemplate['retries'],
  { state, reason, cancel, number }: AttemptRecord & { readonly number: number },
  now: Date,
): Date | undefined {
  if (state === 'succeeded' || state === 'cancelled' || cancel?.fault === 'cancelled') return undefined;
  if (!reason || number > most || !on.includes(reason.fault)) return undefined;
  return new Date(now.getTime() + delaySeconds * 1_000 * 2 ** (number - 1));
}

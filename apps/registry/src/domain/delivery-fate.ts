/** What a receiver said, or why it said nothing. */
export interface ReceiverAnswer {
  /** The HTTP status; undefined where there was no answer. */
  readonly status: number | undefined;
  /** Why there was none. */
  readonly reason: string | undefined;
  /** The header, as it came. */
  readonly retryAfter: string | undefined;
}

/** What becomes of a delivery after an attempt. */
export type DeliveryFate =
  | { readonly state: 'delivered' }
  | { readonly state: 'waiting'; readonly waitMs: number; readonly reason: string }
  | {
      readonly state: 'failed';
      readonly reason: string;
      /** Whether the receiver asked to be left alone from now on. */
      readonly isUnwanted: boolean;
    };

const [minute, hour] = [60_000, 3_600_000];

/** Milliseconds before the second, third, … attempt; then the delivery is given up. */
export const attemptWaits: readonly number[] = [10_000, minute, 10 * minute, hour, 6 * hour, 24 * hour];

const longestRetryAfter = 24 * hour;

/**
 * Only a 2xx is success (Standard Webhooks 1.0); 410 asks for no more; 429 and 503 may say when to come back.
 *
 * @param attempts this one included
 * @param now milliseconds since the epoch
 */
export function fateOf(answer: ReceiverAnswer, attempts: number, now: number): DeliveryFate {
  const { status, retryAfter } = answer;
  const reason = reasonOf(answer);
  if (status !== undefined && status >= 200 && status < 300) return { state: 'delivered' };
  if (status === 410) return { state: 'failed', reason, isUnwanted: true };
  const wait = attemptWaits[attempts - 1];
  if (wait === undefined)
    return { state: 'failed', reason: `given up after ${attempts} attempts: ${reason}`, isUnwanted: false };
  const asked = status === 429 || status === 503 ? retryAfterMs(retryAfter, now) : undefined;
  return { state: 'waiting', waitMs: asked ?? wait, reason };
}

/** Why a delivery did not arrive, in words for the subscription's owner. */
export function reasonOf({ status, reason }: Pick<ReceiverAnswer, 'status' | 'reason'>): string {
  if (status === undefined) return reason ?? 'there was no answer';
  if (status === 410) return 'the receiver answered 410 Gone: it wants no more';
  if (status >= 300 && status < 400) return `the receiver answered ${status}; redirects are not followed`;
  return `the receiver answered ${status}`;
}

/** Seconds or a date (RFC 9110, 10.2.3), in milliseconds; undefined where it is neither. At least a second, at most a day. */
function retryAfterMs(text: string | undefined, now: number): number | undefined {
  const trimmed = text?.trim() ?? '';
  const milliseconds = /^\d{1,9}$/.test(trimmed) ? Number(trimmed) * 1_000 : Date.parse(trimmed) - now;
  if (Number.isNaN(milliseconds)) return undefined;
  return Math.min(Math.max(milliseconds, 1_000), longestRetryAfter);
}

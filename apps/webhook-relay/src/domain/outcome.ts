import type { Refused } from './delivery.js';
import type { Dropped } from './parsed.js';

/** How a delivery ended; `http/answers.ts` turns each into a status. */
export type Outcome =
  /** Every event that it gave is confirmed by the broker; it may have given none. */
  | { readonly kind: 'accepted'; readonly published: number; readonly dropped: readonly Dropped[] }
  | { readonly kind: 'refused'; readonly reason: Refused['refused'] }
  | { readonly kind: 'not_this_format'; readonly expected: string }
  | { readonly kind: 'wrong_media_type' }
  | { readonly kind: 'too_many'; readonly retryAfterSeconds: number }
  /** The broker did not confirm: sent again later, it is the same event. */
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number; readonly reason: string };

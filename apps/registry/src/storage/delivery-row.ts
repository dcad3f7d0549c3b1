import type { Delivery, DeliveryState } from '#api';

/** A delivery as it is kept, but for its body. */
export interface StoredDelivery {
  /** Rises with each that is added. */
  readonly position: number;
  readonly shown: Delivery;
}

/** The columns of `subscription_delivery` that make a `StoredDelivery`. */
export const columns = `id, position, event_id, event_name, event_type, event_time, state, attempts, created_at, next_at,
  last_at, last_status, last_reason, last_milliseconds, finished_at`;

/** What a query for `columns` returns. */
export interface DeliveryRow {
  readonly id: string;
  readonly position: string;
  readonly event_id: string;
  readonly event_name: string;
  readonly event_type: string;
  readonly event_time: Date;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly created_at: Date;
  readonly next_at: Date;
  readonly last_at: Date | null;
  readonly last_status: number | null;
  readonly last_reason: string | null;
  readonly last_milliseconds: number | null;
  readonly finished_at: Date | null;
}

/** A delivery as the API shows it, with the position that a page may end at. */
export const fromDeliveryRow = (row: DeliveryRow): StoredDelivery => ({
  position: Number(row.position),
  shown: {
    id: row.id,
    event: {
      id: row.event_id,
      name: row.event_name,
      type: row.event_type,
      time: row.event_time.toISOString(),
    },
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at.toISOString(),
    ...(row.state === 'waiting' && { nextAttemptAt: row.next_at.toISOString() }),
    ...(row.finished_at && { finishedAt: row.finished_at.toISOString() }),
    ...(row.last_at && {
      lastAnswer: {
        at: row.last_at.toISOString(),
        ...(row.last_status !== null && { status: row.last_status }),
        ...(row.last_reason !== null && { reason: row.last_reason }),
        milliseconds: row.last_milliseconds ?? 0,
      },
    }),
  },
});

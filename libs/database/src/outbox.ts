import type { InputOf, Message } from '#contracts';
import { permanent } from '#errors';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { OutboxMessage } from './outbox-message.entity.js';

export interface OutboxEntry<M extends Message> {
  /** The message's id on the bus; made where absent. */
  readonly id?: string | undefined;
  readonly message: M;
  readonly payload: InputOf<M>;
  readonly correlationId?: string | undefined;
  readonly causationId?: string | undefined;
  readonly traceparent?: string | undefined;
}

/**
 * Writes what is to be said into the outbox of the running transaction.
 *
 * @throws permanent `outbox.invalid_message` when the payload does not fit its schema: the transaction must not commit
 */
export async function addToOutbox<M extends Message>(
  manager: EntityManager,
  entry: OutboxEntry<M>,
): Promise<void> {
  const parsed = entry.message.schema.safeParse(entry.payload);
  if (!parsed.success) {
    throw permanent('outbox.invalid_message', `${entry.message.routingKey}: ${parsed.error.message}`, {
      cause: parsed.error,
    });
  }
  await manager.insert(OutboxMessage, {
    id: entry.id ?? randomUUID(),
    routingKey: entry.message.routingKey,
    payload: parsed.data as object,
    correlationId: entry.correlationId ?? null,
    causationId: entry.causationId ?? null,
    traceparent: entry.traceparent ?? null,
    // The database's clock: what several copies say of one thing can then be put in order by time.
    occurredAt: () => 'clock_timestamp()',
  });
}

import { type InputOf, type Message, reasonsOf } from '#contracts';
import { permanent } from '#errors';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { OutboxMessage } from './outbox-message.entity.js';

/** A message that is said once the transaction is committed. */
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
  await manager.insert(OutboxMessage, {
    id: entry.id ?? randomUUID(),
    routingKey: entry.message.routingKey,
    payload: checked(entry),
    correlationId: entry.correlationId ?? null,
    causationId: entry.causationId ?? null,
    traceparent: entry.traceparent ?? null,
    // The database's clock: what several copies say of one thing can then be put in order by time.
    occurredAt: () => 'clock_timestamp()',
  });
}

/** Many in one statement; within a statement few enough that the database's limit on a value is far. */
const entriesAtOnce = 2_000;

/**
 * Writes many into the outbox of the running transaction, in their order: thousands cost little more than one.
 *
 * @throws permanent `outbox.invalid_message` when a payload does not fit its schema: the transaction must not commit
 */
export async function addAllToOutbox(
  manager: EntityManager,
  entries: readonly OutboxEntry<Message>[],
): Promise<void> {
  for (let at = 0; at < entries.length; at += entriesAtOnce) {
    const rows = entries.slice(at, at + entriesAtOnce).map((entry) => ({
      id: entry.id ?? randomUUID(),
      routing_key: entry.message.routingKey,
      payload: checked(entry),
      correlation_id: entry.correlationId,
      causation_id: entry.causationId,
      traceparent: entry.traceparent,
    }));
    await manager.query(
      `insert into outbox (id, routing_key, payload, correlation_id, causation_id, traceparent, occurred_at)
       select id, routing_key, payload, correlation_id, causation_id, traceparent, clock_timestamp()
       from jsonb_to_recordset($1::jsonb) as entry
         (id uuid, routing_key text, payload jsonb, correlation_id text, causation_id text, traceparent text)`,
      [JSON.stringify(rows)],
    );
  }
}

function checked({ message, payload }: OutboxEntry<Message>): object {
  const parsed = message.schema.safeParse(payload);
  if (parsed.success) return parsed.data as object;
  const reasons = reasonsOf(message.schema, payload, 5, '(payload)');
  throw permanent('outbox.invalid_message', `${message.routingKey}: ${reasons}`, { cause: parsed.error });
}

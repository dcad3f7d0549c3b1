import { randomUUID } from 'node:crypto';
import type { InputOf, Message } from '#contracts';
import { invalid } from './announcer.js';
import { toHeaders } from './envelope.js';
import type { Publisher } from './publisher.js';
import { exchangeOf } from './topology.js';

/** What ties an answer to its question, taken from the question's envelope. */
export interface AnswerOptions {
  readonly correlationId?: string | undefined;
  /** Id of the message that is answered. */
  readonly causationId?: string | undefined;
  /** W3C trace context. */
  readonly traceparent?: string | undefined;
}

/**
 * Says a message to one copy of a service, by the name of its queue. Not kept over a restart of the broker: the queue
 * is not either. Rejects as `Bus.publish` does; with `bus.unroutable` where that copy listens no more.
 */
export async function answer<M extends Message>(
  publisher: Publisher,
  service: string,
  queue: string,
  message: M,
  payload: InputOf<M>,
  options: AnswerOptions,
): Promise<void> {
  const parsed = message.schema.safeParse(payload);
  if (!parsed.success) throw invalid(message, payload);
  const id = randomUUID();
  const correlationId = options.correlationId ?? id;
  const headers = toHeaders({
    id,
    correlationId,
    source: `/slipway/${service}`,
    type: message.type,
    subject: message.subjectOf(parsed.data),
    time: new Date().toISOString(),
    causationId: options.causationId,
    traceparent: options.traceparent,
  });
  await publisher.publish(exchangeOf(message), queue, Buffer.from(JSON.stringify(parsed.data)), {
    headers,
    correlationId,
    contentType: 'application/json',
    messageId: id,
    appId: service,
    mandatory: true,
  });
}

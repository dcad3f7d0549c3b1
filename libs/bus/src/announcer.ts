import { randomUUID } from 'node:crypto';
import { type InputOf, type Message, reasonsOf } from '#contracts';
import { permanent, toAppError } from '#errors';
import type { Options } from 'amqplib';
import type { Envelope } from './envelope.js';
import type { BusTrace } from './options.js';
import type { Publisher } from './publisher.js';
import type { Tally } from './tally.js';
import { exchangeOf, isExpected, type House } from './topology.js';

/** What is known of a message beside what it says. */
export interface PublishOptions {
  /** CloudEvents id; the same id for the same thing said again. A fresh UUID where absent. */
  readonly id?: string;
  /** When it happened; now where absent. */
  readonly time?: Date | string;
  readonly correlationId?: string | undefined;
  readonly causationId?: string | undefined;
  /** W3C trace context; the process's current one where absent. */
  readonly traceparent?: string | undefined;
}

interface Prepared {
  readonly exchange: string;
  readonly mandatory: boolean;
  readonly published: { value: number };
  readonly confirmed: { value: number };
}

/**
 * Turns a payload into a message of the house and publishes it.
 *
 * Every message that a queue of the house hears is published `mandatory`. A command that reaches no queue comes back
 * as `bus.unroutable`. An event that reaches none is kept: the events' alternate exchange routes it to the queue
 * `slipway.unrouted`, and only where that is missing too does it come back. Events that the house itself does not wait
 * for may reach nobody; then they are gone, as facts that nobody wanted.
 */
export class Announcer {
  private readonly prepared = new Map<Message, Prepared>();
  private readonly source: string;

  constructor(
    private readonly service: string,
    private readonly house: House,
    private readonly publisher: Publisher,
    private readonly tally: Tally,
    private readonly trace: BusTrace,
    private readonly messageBytes: number,
  ) {
    this.source = `/slipway/${service}`;
  }

  async publish<M extends Message>(
    message: M,
    payload: InputOf<M>,
    options: PublishOptions = {},
  ): Promise<void> {
    const prepared = this.prepared.get(message) ?? this.prepare(message);
    prepared.published.value += 1;
    try {
      const parsed = message.schema.safeParse(payload);
      if (!parsed.success) throw invalid(message, payload);
      await this.send(message, prepared, parsed.data, options);
      prepared.confirmed.value += 1;
    } catch (thrown) {
      const error = toAppError(thrown);
      this.tally.count('publish_failed', { message: message.routingKey, code: error.code });
      throw error;
    }
  }

  private send(
    message: Message,
    prepared: Prepared,
    payload: unknown,
    options: PublishOptions,
  ): Promise<void> {
    const id = options.id ?? randomUUID();
    const now = Date.now();
    const time = options.time ?? new Date(now);
    const correlationId = options.correlationId ?? id;
    const envelope: Envelope = {
      id,
      source: this.source,
      type: message.type,
      subject: message.subjectOf(payload),
      time: typeof time === 'string' ? time : time.toISOString(),
      correlationId,
      causationId: options.causationId,
      traceparent: options.traceparent ?? this.trace.current(),
    };
    const content = Buffer.from(JSON.stringify(payload));
    this.assertCarried(message, content, id, correlationId);
    const properties: Options.Publish = {
      headers: undefined,
      contentType: 'application/json',
      messageId: id,
      correlationId,
      timestamp: Math.floor(now / 1000),
      appId: this.service,
      persistent: true,
      mandatory: prepared.mandatory,
    };
    return this.publisher.publish(prepared.exchange, message.routingKey, content, properties, envelope);
  }

  /** What AMQP or the broker cannot carry would end the channel, and everything in flight with it. */
  private assertCarried(message: Message, content: Buffer, id: string, correlationId: string): void {
    const why =
      content.length > this.messageBytes
        ? `it has ${content.length} bytes, at most ${this.messageBytes} are carried`
        : Buffer.byteLength(id) > 255 || Buffer.byteLength(correlationId) > 255
          ? 'its id or correlation id is longer than 255 bytes'
          : undefined;
    if (why === undefined) return;
    const text = `${message.routingKey} is not valid: ${why}`;
    throw permanent('bus.invalid_message', text, { subject: message.routingKey });
  }

  private prepare(message: Message): Prepared {
    const labels = { message: message.routingKey };
    const prepared: Prepared = {
      exchange: exchangeOf(message),
      mandatory: isExpected(this.house, message),
      published: this.tally.cell('published', labels),
      confirmed: this.tally.cell('confirmed', labels),
    };
    this.prepared.set(message, prepared);
    return prepared;
  }
}

/** Permanent `bus.invalid_message` with the first few reasons; the values stay out of it, they may be secret. */
export function invalid(message: Message, payload: unknown): Error {
  const reasons = reasonsOf(message.schema, payload, 5, '(payload)');
  return permanent('bus.invalid_message', `${message.routingKey} is not valid: ${reasons}`, {
    subject: message.routingKey,
  });
}

import { connect } from 'amqplib';
import { exchanges } from '#contracts';
import { waitFor } from '#lab';

export interface SunkEvent {
  readonly id: string;
  /** Routing key. */
  readonly key: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly payload: Record<string, unknown>;
}

/** A subscriber of all events of a vhost, with a durable quorum queue: what it got is what the broker kept. */
export interface EventSink {
  readonly events: readonly SunkEvent[];
  /** Those of one source, once there are so many. */
  of(source: string, count: number): Promise<readonly SunkEvent[]>;
  close(): Promise<void>;
}

export const sinkQueue = 'test.sink';

/** Makes the sink’s queue; it outlives its reader, and the broker’s restarts. */
export async function declareSink(url: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.assertQueue(sinkQueue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  await channel.bindQueue(sinkQueue, exchanges.events, '#');
  await connection.close();
}

export async function openSink(url: string): Promise<EventSink> {
  await declareSink(url);
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const events: SunkEvent[] = [];
  await channel.prefetch(500);
  await channel.consume(sinkQueue, (message) => {
    if (message === null) return;
    events.push({
      id: String(message.properties.messageId),
      key: message.fields.routingKey,
      headers: message.properties.headers ?? {},
      payload: JSON.parse(message.content.toString()) as Record<string, unknown>,
    });
    channel.ack(message);
  });
  const from = (source: string): SunkEvent[] => events.filter(({ payload }) => payload['source'] === source);
  return {
    events,
    of: async (source, count) => {
      await waitFor(() => from(source).length >= count, { what: `${count} events of ${source}` });
      return from(source);
    },
    close: () => connection.close(),
  };
}

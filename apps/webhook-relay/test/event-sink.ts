import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { exchanges } from '#contracts';
import { waitFor } from '#lab';

/** An event as it lay in the queue, its headers those of CloudEvents over AMQP. */
export interface SunkEvent {
  readonly id: string;
  /** Routing key. */
  readonly key: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly payload: Record<string, unknown>;
}

/** A subscriber of all events of a vhost, with a durable quorum queue: what it got is what the broker kept. */
export interface EventSink {
  /** All events that the broker had confirmed when this was called, except those that were taken before. */
  take(): Promise<readonly SunkEvent[]>;
  close(): Promise<void>;
}

const sinkQueue = 'test.sink';

/** Makes the sink’s queue; it outlives its reader, and the broker’s restarts. */
export async function declareSink(url: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.assertQueue(sinkQueue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  await channel.bindQueue(sinkQueue, exchanges.events, '#');
  await connection.close();
}

/** Declares the queue where it is not there yet, and reads it on: nothing that was confirmed before is lost. */
export async function openSink(url: string): Promise<EventSink> {
  await declareSink(url);
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const events: SunkEvent[] = [];
  const markers = new Set<string>();
  await channel.prefetch(500);
  await channel.consume(sinkQueue, (message) => {
    if (message === null) return;
    const id = String(message.properties.messageId);
    const { headers = {} } = message.properties;
    if (message.properties.type === 'marker') markers.add(id);
    else
      events.push({
        id,
        key: message.fields.routingKey,
        headers,
        payload: JSON.parse(message.content.toString()) as Record<string, unknown>,
      });
    channel.ack(message);
  });
  return {
    take: async () => {
      // Behind everything that is in the queue already, so that nothing of it is missed and nothing is waited for.
      const messageId = randomUUID();
      channel.sendToQueue(sinkQueue, Buffer.from(''), { messageId, type: 'marker' });
      await waitFor(() => markers.has(messageId), { what: 'the marker in the sink', deadlineMs: 60_000 });
      return events.splice(0);
    },
    close: () => connection.close(),
  };
}

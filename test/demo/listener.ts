import { type Channel, connect, type ConsumeMessage } from 'amqplib';
import { exchanges } from '#contracts';

/** An event as any subscriber receives it. */
export interface HeardEvent {
  /** Such as `image.published.v1`. */
  readonly key: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Closing it takes its queue away: what is said afterwards is not heard. */
export interface Listener {
  close(): Promise<void>;
}

/** Listens to every event on the bus with plain AMQP, as somebody else's program would: a queue of one's own. */
export async function listenToEvents(url: string, hear: (event: HeardEvent) => void): Promise<Listener> {
  const connection = await connect(url);
  const channel: Channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
  await channel.bindQueue(queue, exchanges.events, '#');
  await channel.consume(queue, (message) => message !== null && hear(toEvent(message)), { noAck: true });
  return { close: () => connection.close() };
}

function toEvent(message: ConsumeMessage): HeardEvent {
  const headers = message.properties.headers ?? {};
  return {
    key: message.fields.routingKey,
    subject: String(headers['cloudEvents_subject'] ?? ''),
    data: JSON.parse(message.content.toString()) as Record<string, unknown>,
  };
}

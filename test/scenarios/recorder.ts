import { exchanges } from '#contracts';
import { waitFor } from '#lab';
import { connect } from 'amqplib';

/** An event by its name without version; one that came twice is there twice, under the same id. */
export interface RecordedEvent {
  readonly name: string;
  readonly id: string;
  readonly data: Record<string, unknown>;
}

/** Hears every event of a broker, as any subscriber would: on a queue of its own. */
export interface Recorder {
  readonly events: readonly RecordedEvent[];
  /** Waits for an event of that name (without version) whose payload fits. */
  waitFor(
    name: string,
    fits?: (data: Record<string, unknown>) => boolean,
    deadlineMs?: number,
  ): Promise<RecordedEvent>;
  named(name: string): RecordedEvent[];
  close(): Promise<void>;
}

/** Hears from now on; or, given a queue's name, from when that queue was made: it outlives the connection and the broker. */
export async function recordEvents(url: string, kept?: string): Promise<Recorder> {
  const connection = await connect(url);
  connection.on('error', () => undefined);
  const channel = await connection.createChannel();
  await channel.assertExchange(exchanges.events, 'topic', {
    durable: true,
    alternateExchange: exchanges.unrouted,
  });
  const { queue } =
    kept === undefined
      ? await channel.assertQueue('', { exclusive: true })
      : await channel.assertQueue(kept, { durable: true });
  await channel.bindQueue(queue, exchanges.events, '#');
  const events: RecordedEvent[] = [];
  await channel.consume(
    queue,
    (message) => {
      if (!message) return;
      const name = message.fields.routingKey.replace(/\.v\d+$/, '');
      const data = JSON.parse(message.content.toString()) as Record<string, unknown>;
      events.push({ name, id: String(message.properties.messageId), data });
    },
    { noAck: true },
  );
  const named = (name: string): RecordedEvent[] => events.filter((event) => event.name === name);
  return {
    events,
    named,
    waitFor: (name, fits = () => true, deadlineMs = 90_000) =>
      waitFor(() => named(name).find(({ data }) => fits(data)), { what: `the event ${name}`, deadlineMs }),
    close: () => connection.close(),
  };
}

import { exchanges } from '#contracts';
import { waitFor } from '#lab';
import { connect } from 'amqplib';

export interface RecordedEvent {
  readonly name: string;
  readonly id: string;
  readonly data: Record<string, unknown>;
}

/** Hears every event of a broker from now on, as any subscriber would: on a queue of its own. */
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

export async function recordEvents(url: string): Promise<Recorder> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.assertExchange(exchanges.events, 'topic', {
    durable: true,
    alternateExchange: exchanges.unrouted,
  });
  const { queue } = await channel.assertQueue('', { exclusive: true });
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
    waitFor: (name, fits = () => true, deadlineMs = 30_000) =>
      waitFor(() => named(name).find(({ data }) => fits(data)), { what: `the event ${name}`, deadlineMs }),
    close: () => connection.close(),
  };
}

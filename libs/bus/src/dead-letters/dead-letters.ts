import { exchanges } from '#contracts';
import { permanent } from '#errors';
import { connect, type Channel, type ChannelModel, type GetMessage } from 'amqplib';
import { codeOf, explained } from '../declare.js';
import { again } from '../envelope.js';
import { deadQueue, unroutedQueue } from '../topology.js';
import { afresh, deadLetterOf, type DeadLetter } from './dead-letter.js';

/** Which dead letters of a queue: by id, or all of them. */
export type Selection = { readonly ids: readonly string[] } | 'all';

export interface WholeDeadLetter extends DeadLetter {
  /** Parsed where it is JSON, else the text. */
  readonly payload: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Where the dead letters of a queue lie; what was never routed lies in a queue of its own. */
const storeOf = (queue: string): string => (queue === unroutedQueue ? unroutedQueue : deadQueue(queue));

/**
 * Connects for one look or one clean-up. Everything goes over AMQP: the management plugin is not needed. Throws
 * temporary `bus.unavailable`.
 */
export async function withBroker<T>(
  urls: readonly string[],
  work: (model: ChannelModel) => Promise<T>,
): Promise<T> {
  const model = await connectFirst(urls);
  model.on('error', () => {});
  try {
    return await work(model);
  } finally {
    await model.close().catch(() => {});
  }
}

async function connectFirst(urls: readonly string[]): Promise<ChannelModel> {
  let last: unknown;
  for (const url of urls) {
    try {
      return await connect(url, { noDelay: true, timeout: 10_000 });
    } catch (error) {
      last = error;
    }
  }
  throw explained(last);
}

/** The oldest `limit` dead letters of a queue. They stay where they are; meanwhile nobody else sees them. */
export async function listDead(model: ChannelModel, queue: string, limit = 1000): Promise<DeadLetter[]> {
  return held(model, queue, limit, (_channel, messages) => Promise.resolve(messages.map(deadLetterOf)));
}

/** Everything about one dead letter. Throws permanent `dead_letters.not_found`. */
export async function showDead(model: ChannelModel, queue: string, id: string): Promise<WholeDeadLetter> {
  return held(model, queue, Infinity, (_channel, messages) => {
    const [message] = selected(queue, messages, { ids: [id] });
    if (!message) throw notFound(queue, id);
    const headers = (message.properties.headers ?? {}) as Record<string, unknown>;
    return Promise.resolve({ ...deadLetterOf(message), payload: payloadOf(message), headers });
  });
}

/**
 * Sends dead letters back into the queue that gave them up, and into no other: with the same id and a fresh count of
 * attempts. What was never routed is published once more to where it was meant for. Each leaves the dead letters when
 * the broker has confirmed it; a crash in between makes a double. The number of messages replayed.
 */
export async function replayDead(model: ChannelModel, queue: string, selection: Selection): Promise<number> {
  return held(model, queue, Infinity, async (channel, messages) => {
    const chosen = selected(queue, messages, selection);
    for (const message of chosen) {
      const { exchange, routingKey } = deadLetterOf(message);
      const unrouted = queue === unroutedQueue;
      await confirmed(model, unrouted ? exchange : exchanges.requeue, unrouted ? routingKey : queue, message);
      channel.ack(message);
    }
    return chosen.length;
  });
}

/** Deletes dead letters for good; the number of them. */
export async function dropDead(model: ChannelModel, queue: string, selection: Selection): Promise<number> {
  return held(model, queue, Infinity, (channel, messages) => {
    const chosen = selected(queue, messages, selection);
    for (const message of chosen) channel.ack(message);
    return Promise.resolve(chosen.length);
  });
}

/** Takes up to `limit` messages, unacknowledged, works on them, and gives the rest back in their order. */
async function held<T>(
  model: ChannelModel,
  queue: string,
  limit: number,
  work: (channel: Channel, messages: readonly GetMessage[]) => Promise<T>,
): Promise<T> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  try {
    const messages: GetMessage[] = [];
    while (messages.length < limit) {
      const message = await channel.get(storeOf(queue), { noAck: false });
      if (message === false) break;
      messages.push(message);
    }
    const result = await work(channel, messages);
    await channel.close();
    return result;
  } catch (error) {
    await channel.close().catch(() => {});
    if (codeOf(error) === 404) {
      throw permanent('dead_letters.no_queue', `the broker has no queue "${storeOf(queue)}"`, {
        subject: queue,
      });
    }
    throw explained(error);
  }
}

async function confirmed(
  model: ChannelModel,
  exchange: string,
  routingKey: string,
  message: GetMessage,
): Promise<void> {
  const channel = await model.createConfirmChannel();
  let returned = false;
  channel.on('error', () => {});
  channel.on('return', () => (returned = true));
  const options = { ...again(message.properties, {}), headers: afresh(message.properties.headers) };
  try {
    channel.publish(exchange, routingKey, message.content, options);
    await channel.waitForConfirms();
  } finally {
    await channel.close().catch(() => {});
  }
  if (returned) {
    const text = `"${routingKey}" takes no messages: it does not exist or is not bound; the dead letter stays`;
    throw permanent('dead_letters.not_replayed', text, { subject: routingKey });
  }
}

function selected(
  queue: string,
  messages: readonly GetMessage[],
  selection: Selection,
): readonly GetMessage[] {
  if (selection === 'all') return messages;
  return selection.ids.flatMap((id) => {
    const found = messages.filter((message) => deadLetterOf(message).id === id);
    if (found.length === 0) throw notFound(queue, id);
    return found;
  });
}

const notFound = (queue: string, id: string): Error =>
  permanent('dead_letters.not_found', `queue "${queue}" has no dead letter "${id}"`, { subject: id });

function payloadOf(message: GetMessage): unknown {
  const body = message.content.toString('utf8');
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

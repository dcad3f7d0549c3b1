import { exchanges } from '#contracts';
import { permanent } from '#errors';
import type { ChannelModel, GetMessage } from 'amqplib';
import { openConnection } from '../connecting.js';
import { codeOf, explained } from '../declare.js';
import { again } from '../envelope.js';
import { defaultLimits } from '../options.js';
import { deadQueue, unroutedQueue } from '../topology.js';
import { afresh, deadLetterOf, type DeadLetter } from './dead-letter.js';

/** Which dead letters of a queue: by id, or all of them. */
export type Selection = { readonly ids: readonly string[] } | 'all';

/** A dead letter with what it says, for who must decide what becomes of it. */
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
      return await openConnection(
        url,
        defaultLimits.heartbeatSeconds,
        `a look at queues (pid ${process.pid})`,
      );
    } catch (error) {
      last = error;
    }
  }
  throw explained(last);
}

/** How a queue stands. */
export interface QueueLook {
  readonly queue: string;
  /** Copies of its service that read it. */
  readonly consumers: number;
  /** Messages that wait to be handled. */
  readonly waiting: number;
  readonly dead: number;
}

/** How these queues stand. Throws permanent `bus.topology_missing` where one does not exist. */
export async function lookAtQueues(
  model: ChannelModel,
  names: readonly string[],
): Promise<readonly QueueLook[]> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  try {
    const looks: QueueLook[] = [];
    for (const queue of names) {
      const { consumerCount, messageCount } = await channel.checkQueue(queue);
      const { messageCount: dead } = await channel.checkQueue(deadQueue(queue));
      looks.push({ queue, consumers: consumerCount, waiting: messageCount, dead });
    }
    return looks;
  } catch (error) {
    throw explained(error);
  } finally {
    await channel.close().catch(() => {});
  }
}

/** The oldest `limit` dead letters of a queue. They stay where they are; meanwhile nobody else sees them. */
export async function listDead(model: ChannelModel, queue: string, limit = 1000): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  await scan(model, queue, limit, (message) => {
    letters.push(deadLetterOf(message));
    return 'stays';
  });
  return letters;
}

/** Everything about one dead letter. Throws permanent `dead_letters.not_found`. */
export async function showDead(model: ChannelModel, queue: string, id: string): Promise<WholeDeadLetter> {
  let found: WholeDeadLetter | undefined;
  await scan(model, queue, Infinity, (message) => {
    const letter = deadLetterOf(message);
    if (letter.id === id) {
      const headers = (message.properties.headers ?? {}) as Record<string, unknown>;
      found ??= { ...letter, payload: payloadOf(message), headers };
    }
    return 'stays';
  });
  if (!found) throw notFound(queue, [id]);
  return found;
}

/**
 * Sends dead letters back into the queue that gave them up, and into no other: with the same id and a fresh count of
 * attempts. What was never routed is published once more to where it was meant for. Each leaves the dead letters when
 * the broker has confirmed it; a crash in between makes a double. The number of messages replayed. Throws permanent
 * `dead_letters.not_found`, when those that were found are replayed, and `dead_letters.not_replayed`.
 */
export async function replayDead(model: ChannelModel, queue: string, selection: Selection): Promise<number> {
  const channel = await model.createConfirmChannel();
  let returned = false;
  channel.on('error', () => {});
  channel.on('return', () => (returned = true));
  try {
    return await remove(model, queue, selection, async (message, letter) => {
      const unrouted = queue === unroutedQueue;
      const [exchange, key] = unrouted ? [letter.exchange, letter.routingKey] : [exchanges.requeue, queue];
      const options = { ...again(message.properties, {}), headers: afresh(message.properties.headers) };
      channel.publish(exchange, key, message.content, options);
      await channel.waitForConfirms();
      if (!returned) return;
      const text = `"${key}" takes no messages: it does not exist or is not bound; the dead letter stays`;
      throw permanent('dead_letters.not_replayed', text, { subject: key });
    });
  } finally {
    await channel.close().catch(() => {});
  }
}

/** Deletes dead letters for good; the number of them. Throws permanent `dead_letters.not_found`. */
export function dropDead(model: ChannelModel, queue: string, selection: Selection): Promise<number> {
  return remove(model, queue, selection, () => Promise.resolve());
}

/** Takes the selected ones out of the queue, each after `before` is done with it. */
async function remove(
  model: ChannelModel,
  queue: string,
  selection: Selection,
  before: (message: GetMessage, letter: DeadLetter) => Promise<void>,
): Promise<number> {
  const missing = new Set(selection === 'all' ? [] : selection.ids);
  const wanted = new Set(missing);
  let removed = 0;
  await scan(model, queue, Infinity, async (message) => {
    const letter = deadLetterOf(message);
    if (selection !== 'all' && !wanted.has(letter.id)) return 'stays';
    await before(message, letter);
    missing.delete(letter.id);
    removed += 1;
    return 'goes';
  });
  if (missing.size > 0) throw notFound(queue, [...missing]);
  return removed;
}

/**
 * Looks at up to `limit` messages in their order, of those that are there now: what is replayed and fails at once comes
 * back behind them. What stays is held by the broker until the end, and not in this process's memory.
 */
async function scan(
  model: ChannelModel,
  queue: string,
  limit: number,
  visit: (message: GetMessage) => 'stays' | 'goes' | Promise<'stays' | 'goes'>,
): Promise<void> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  try {
    const { messageCount } = await channel.checkQueue(storeOf(queue));
    for (let seen = 0; seen < Math.min(limit, messageCount); seen++) {
      const message = await channel.get(storeOf(queue), { noAck: false });
      if (message === false) break;
      if ((await visit(message)) === 'goes') channel.ack(message);
    }
  } catch (error) {
    if (codeOf(error) !== 404) throw explained(error);
    const text = `the broker has no queue "${storeOf(queue)}"`;
    throw permanent('dead_letters.no_queue', text, { subject: queue, cause: error });
  } finally {
    // Closing orderly makes the broker take the acknowledgements first; on a channel that failed it is refused.
    await Promise.resolve()
      .then(() => channel.close())
      .catch(() => {});
  }
}

const notFound = (queue: string, ids: readonly string[]): Error =>
  permanent('dead_letters.not_found', `queue "${queue}" has no dead letter ${ids.join(', ')}`, {
    subject: queue,
  });

function payloadOf(message: GetMessage): unknown {
  const body = message.content.toString('utf8');
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

import { randomUUID } from 'node:crypto';
import { exchanges } from '#contracts';
import type { Channel } from 'amqplib';

/** What the queues of a service's copies are called together, in logs and metrics. */
export const copiesOf = (service: string): string => `${service}.copy`;

/** Pattern of the names of a service's copies' queues, for the broker's permissions. */
export const copyQueuePattern = (service: string): string =>
  `${copiesOf(service).replaceAll('.', String.raw`\.`)}\\.[0-9a-f-]+`;

/**
 * A copy that stands still must not fill the broker's memory: the oldest go. Whoever needs them all has to notice that
 * some are missing.
 */
const bounds = {
  'x-queue-type': 'classic',
  'x-overflow': 'drop-head',
  'x-max-length': 10_000,
  'x-max-length-bytes': 64 * 1024 * 1024,
} as const;

/**
 * Declares a queue that hears `keys`, and the answers to it, until the connection ends. Each time another name: after a
 * broken connection the broker may hold the old one for its dead owner for a while yet.
 */
export async function makeCopyQueue(
  channel: Channel,
  service: string,
  keys: readonly string[],
): Promise<string> {
  const queue = `${copiesOf(service)}.${randomUUID()}`;
  await channel.assertQueue(queue, {
    exclusive: true,
    autoDelete: true,
    durable: false,
    arguments: { ...bounds },
  });
  await channel.bindQueue(queue, exchanges.copies, queue);
  for (const key of keys) await channel.bindQueue(queue, exchanges.events, key);
  return queue;
}

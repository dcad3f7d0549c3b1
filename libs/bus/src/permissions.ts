import { exchanges, retryExchange, type RetryDelay } from '#contracts';
import type { House } from './topology.js';
import { copyQueuePattern } from './copy-queue.js';
import { exchangeOf, suspectsQueue } from './topology.js';

/** RabbitMQ's permissions of a user on a vhost: regular expressions over the names of queues and exchanges. */
export interface Permissions {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

/**
 * What a service's broker user needs on a broker whose topology was loaded from definitions: publish what the service
 * says, put its own messages aside, read its own queues. It may declare nothing but the queues that its copies listen at.
 */
export function permissionsOf(service: string, house: House): Permissions {
  const says = house.messages.filter((message) => message.saidBy.includes(service)).map(exchangeOf);
  const own = house.queues.filter((queue) => queue.service === service).map((queue) => queue.name);
  const aside =
    own.length === 0
      ? []
      : [
          exchanges.dead,
          exchanges.requeue,
          ...Object.keys(house.delays).map((delay) => retryExchange(delay as RetryDelay)),
        ];
  const listens = house.listeners.some((listener) => listener.service === service);
  const copies = listens ? [copyQueuePattern(service)] : [];
  // To bind a queue takes the right to read the exchange.
  const heard = listens ? [exchanges.events, exchanges.copies] : [];
  return {
    configure: anyOf(copies),
    write: anyOf([...escaped([...new Set([...says, ...aside])]), ...copies]),
    read: anyOf([
      ...escaped([...own.flatMap((queue) => [queue, suspectsQueue(queue)]), ...heard]),
      ...copies,
    ]),
  };
}

const escaped = (names: readonly string[]): string[] =>
  names.map((name) => name.replaceAll('.', String.raw`\.`));

const anyOf = (patterns: readonly string[]): string =>
  patterns.length === 0 ? '^$' : `^(${patterns.join('|')})$`;

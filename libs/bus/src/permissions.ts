import { exchanges, retryExchange, type RetryDelay } from '#contracts';
import { copyQueuePattern } from './copy-queue.js';
import { deadQueue, exchangeOf, suspectsQueue, unroutedQueue, type House } from './topology.js';

/** RabbitMQ's permissions of a user on a vhost: regular expressions over the names of queues and exchanges. */
export interface Permissions {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

/** RabbitMQ's permissions of a user on a topic exchange: regular expressions over routing keys. */
export interface TopicPermissions {
  readonly exchange: string;
  /** What it may publish. */
  readonly write: string;
  /** What it may bind a queue to. */
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
  const keeps = house.deadLetterKeepers.includes(service);
  const dead = keeps ? [...house.queues.map(({ name }) => deadQueue(name)), unroutedQueue] : [];
  const replays = keeps ? [exchanges.requeue, exchanges.events] : [];
  const listens = house.listeners.some((listener) => listener.service === service);
  const copies = listens ? [copyQueuePattern(service)] : [];
  // To bind a queue takes the right to read the exchange.
  const heard = listens ? [exchanges.events, exchanges.copies] : [];
  return {
    configure: anyOf(copies),
    write: anyOf([...escaped([...new Set([...says, ...aside, ...replays])]), ...copies]),
    read: anyOf([
      ...escaped([...own.flatMap((queue) => [queue, suspectsQueue(queue)]), ...dead, ...heard]),
      ...copies,
    ]),
  };
}

/**
 * What goes beyond names of exchanges: a service may say what it says, and bind its copies' queues to what they hear.
 * Without them whoever may say one event could say all of them, `credential.changed` among them.
 */
export function topicPermissionsOf(service: string, house: House): readonly TopicPermissions[] {
  const says = (exchange: string): string[] =>
    house.messages
      .filter((message) => message.saidBy.includes(service) && exchangeOf(message) === exchange)
      .map(({ routingKey }) => routingKey);
  // Events that reached no queue are said again, whosoever they were.
  const again = house.deadLetterKeepers.includes(service)
    ? house.messages.filter((message) => exchangeOf(message) === exchanges.events).map((m) => m.routingKey)
    : [];
  const heard = house.listeners
    .filter((listener) => listener.service === service)
    .flatMap(({ keys }) => keys);
  return [
    {
      exchange: exchanges.events,
      write: anyOf(escaped([...new Set([...says(exchanges.events), ...again])])),
      read: anyOf(escaped(heard)),
    },
    { exchange: exchanges.commands, write: anyOf(escaped(says(exchanges.commands))), read: nothing },
  ];
}

const escaped = (names: readonly string[]): string[] =>
  names.map((name) => name.replaceAll(/[.*]/g, String.raw`\$&`));

const nothing = '^$';

const anyOf = (patterns: readonly string[]): string =>
  patterns.length === 0 ? nothing : `^(${patterns.join('|')})$`;

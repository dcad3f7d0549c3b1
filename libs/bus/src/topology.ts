import {
  exchanges,
  retryExchange,
  type Listener,
  type Message,
  type MessageKind,
  type Queue,
  type RetryDelay,
} from '#contracts';

/** What the broker's objects are derived from; the house's own contracts unless a test brings others. */
export interface House {
  readonly messages: readonly Message[];
  readonly queues: readonly Queue[];
  /** Services whose copies each hear for themselves. */
  readonly listeners: readonly Listener[];
  /** Services that look after the dead letters of every queue. */
  readonly deadLetterKeepers: readonly string[];
  /** Milliseconds per retry delay. */
  readonly delays: Readonly<Record<RetryDelay, number>>;
  /** Bytes of ready messages that a queue takes before it refuses publishes. */
  readonly queueBytes: number;
}

/** An exchange as it is declared, durable; another with its name and other arguments is an error. */
export interface ExchangeSpec {
  readonly name: string;
  readonly type: 'topic' | 'direct' | 'fanout';
  readonly arguments: Readonly<Record<string, string>>;
}

/** A durable queue as it is declared; its arguments stay what they are for as long as it exists. */
export interface QueueSpec {
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}

/** Which routing keys of an exchange go to a queue. */
export interface BindingSpec {
  readonly queue: string;
  readonly exchange: string;
  readonly key: string;
}

/** All that the house needs of a broker, in the order in which it is declared and written to the docs. */
export interface Topology {
  readonly exchanges: readonly ExchangeSpec[];
  readonly queues: readonly QueueSpec[];
  readonly bindings: readonly BindingSpec[];
}

/** Deliveries of a message whose consumer dies even before it can put it aside; see `suspectsQueue`. */
const deliveryLimit = 10;
/** Looking at a dead letter counts as a delivery, so these queues need a limit that nobody reaches (4.0's default is 20). */
const neverLimit = 1_000_000_000;
const unroutedBytes = 256 * 1024 * 1024;

/** Where a queue's dead letters lie until somebody replays or drops them. Nothing consumes it. */
export const deadQueue = (queue: string): string => `${queue}.dead`;

/**
 * Where messages go that came back unacknowledged (a crash, a lost connection). They are handled one at a time there,
 * so that the one that crashes its process becomes a dead letter alone and takes none of those with it that were merely
 * prefetched at the same moment.
 */
export const suspectsQueue = (queue: string): string => `${queue}.suspects`;

/** The queue of a delay bears the name of the exchange that fills it; nobody reads it, its messages expire. */
export const retryQueue = retryExchange;

/** Where events lie that the house wants to hear but that reached no queue. Capped: the oldest go first. */
export const unroutedQueue = 'slipway.unrouted';

/** The exchange that a message is published to. */
export const exchangeOf = (message: Message): string => exchangeOfKind[message.kind];

const exchangeOfKind: Readonly<Record<MessageKind, string>> = {
  event: exchanges.events,
  command: exchanges.commands,
  answer: exchanges.copies,
};

/** True where a queue of the house hears the message: then it must arrive somewhere. */
export const isExpected = (house: House, message: Message): boolean =>
  message.kind !== 'event' || house.queues.some((queue) => queue.hears.some((m) => m.type === message.type));

/** Everything that must exist on the broker, in the order in which it can be declared. */
export function topologyOf(house: House): Topology {
  const delays = Object.entries(house.delays);
  return {
    exchanges: [
      // Declared before the exchange that names it as its alternate: otherwise events could vanish in between.
      { name: exchanges.unrouted, type: 'topic', arguments: {} },
      { name: exchanges.events, type: 'topic', arguments: { 'alternate-exchange': exchanges.unrouted } },
      { name: exchanges.commands, type: 'topic', arguments: {} },
      { name: exchanges.dead, type: 'topic', arguments: {} },
      { name: exchanges.requeue, type: 'direct', arguments: {} },
      { name: exchanges.copies, type: 'direct', arguments: {} },
      ...delays.map(([delay]) => ({ name: retryExchange(delay), type: 'fanout' as const, arguments: {} })),
    ],
    queues: [
      { name: unroutedQueue, arguments: unroutedArguments },
      ...delays.map(([delay, ms]) => ({ name: retryQueue(delay), arguments: retryArguments(house, ms) })),
      ...house.queues.flatMap((queue) => [
        { name: deadQueue(queue.name), arguments: deadArguments(house, queue) },
        { name: suspectsQueue(queue.name), arguments: workArguments(house, queue) },
        { name: queue.name, arguments: workArguments(house, queue) },
      ]),
    ],
    bindings: [
      ...house.messages
        .filter((message) => message.kind === 'event' && isExpected(house, message))
        .map((message) => ({
          queue: unroutedQueue,
          exchange: exchanges.unrouted,
          key: message.routingKey,
        })),
      ...delays.map(([delay]) => ({ queue: retryQueue(delay), exchange: retryExchange(delay), key: '' })),
      ...house.queues.flatMap(queueBindings),
    ],
  };
}

const queueBindings = (queue: Queue): BindingSpec[] => [
  { queue: deadQueue(queue.name), exchange: exchanges.dead, key: queue.name },
  { queue: suspectsQueue(queue.name), exchange: exchanges.requeue, key: suspectsQueue(queue.name) },
  { queue: queue.name, exchange: exchanges.requeue, key: queue.name },
  ...queue.hears.map((message) => ({
    queue: queue.name,
    exchange: exchangeOf(message),
    key: message.routingKey,
  })),
];

// Dead-lettering is at least once only with reject-publish: a queue that drops its head could drop a dead letter.
const kept = (house: House): Record<string, string | number> => ({
  'x-queue-type': 'quorum',
  'x-overflow': 'reject-publish',
  'x-max-length-bytes': house.queueBytes,
});

/** As large as a queue gets whose oldest messages may go. */
const forgetting = {
  'x-queue-type': 'quorum',
  'x-overflow': 'drop-head',
  'x-max-length-bytes': 128 * 1024 * 1024,
} as const;

const workArguments = (house: House, { name, whenFull }: Queue): Record<string, string | number> => ({
  ...(whenFull === 'forget-oldest' ? forgetting : kept(house)),
  'x-delivery-limit': deliveryLimit,
  'x-dead-letter-exchange': exchanges.dead,
  'x-dead-letter-routing-key': name,
  ...(whenFull !== 'forget-oldest' && { 'x-dead-letter-strategy': 'at-least-once' }),
});

const retryArguments = (house: House, ms: number): Record<string, string | number> => ({
  ...kept(house),
  'x-message-ttl': ms,
  'x-dead-letter-exchange': exchanges.requeue,
  'x-dead-letter-strategy': 'at-least-once',
});

const deadArguments = (house: House, { whenFull }: Queue): Record<string, string | number> => ({
  ...(whenFull === 'forget-oldest' ? forgetting : kept(house)),
  'x-delivery-limit': neverLimit,
});

const unroutedArguments = {
  'x-queue-type': 'quorum',
  'x-overflow': 'drop-head',
  'x-max-length-bytes': unroutedBytes,
  'x-delivery-limit': neverLimit,
} as const;

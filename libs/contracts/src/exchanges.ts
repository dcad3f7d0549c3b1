/** The exchanges of the house; all durable. */
export const exchanges = {
  /** Facts; anyone may subscribe. Topic. */
  events: 'slipway.events',
  /** Requests; one owner each. Topic. */
  commands: 'slipway.commands',
  /** Dead letters, by the name of the queue that gave up. Topic. */
  dead: 'slipway.dead',
  /** Events that reached no queue: the alternate exchange of events. Topic. */
  unrouted: 'slipway.unrouted',
  /** Answers to one copy of a service, by the name of the queue that it listens at. Direct. */
  copies: 'slipway.copies',
  /** Back into one queue, by its name: where a delayed message returns. Direct. */
  requeue: 'slipway.requeue',
} as const;

/** How long a retried message may wait, in milliseconds. One queue each: a shared one would block at its head. */
export const retryDelays = { '10s': 10_000, '1m': 60_000, '10m': 600_000, '1h': 3_600_000 } as const;

/** The name of a delay, as retry policies choose it and as the retry exchanges and queues bear it. */
export type RetryDelay = keyof typeof retryDelays;

/** The fanout exchange that a message to be retried after `delay` is published to, its queue as the routing key. */
export const retryExchange = (delay: string): string => `slipway.retry.${delay}`;

import { Consume, type HandlerContext, policy } from '#bus';
import { type Message, queues } from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import { withoutSealed } from '../domain/unsealed.js';
import { DeliveryStore } from '../storage/delivery.store.js';
import { Deliveries } from '../subscriptions/deliveries.js';
import { KnownSubscriptions } from '../subscriptions/known-subscriptions.js';

const queue = queues.registrySubscriptions;
const hearing = policy({ prefetch: 64, concurrency: 4 });

/** Writes down, of every event, which subscriptions it is to be sent to; sending it is `Deliveries`' work. */
@Controller()
export class SubscriptionsListener {
  constructor(
    @Inject(KnownSubscriptions) private readonly subscriptions: KnownSubscriptions,
    @Inject(DeliveryStore) private readonly store: DeliveryStore,
    @Inject(Deliveries) private readonly deliveries: Deliveries,
  ) {}

  async hear(message: Message, payload: unknown, context: HandlerContext): Promise<void> {
    const wanting = await this.subscriptions.wanting(message.name);
    if (wanting.length === 0) return;
    const { id, source, type, subject, time } = context;
    const data = withoutSealed(payload);
    const body = {
      specversion: '1.0',
      id,
      source,
      type,
      subject,
      time,
      datacontenttype: 'application/json',
      data,
    };
    await this.store.add(wanting, id, JSON.stringify(body));
    this.deliveries.wake();
  }
}

// One handler for each event, of which there are many and all alike.
for (const message of queue.hears) {
  const key = `hear ${message.routingKey}`;
  const value = function (
    this: SubscriptionsListener,
    data: unknown,
    context: HandlerContext,
  ): Promise<void> {
    return this.hear(message, data, context);
  };
  const descriptor = { value, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(SubscriptionsListener.prototype, key, descriptor);
  Consume(queue, message, hearing)(SubscriptionsListener.prototype, key, descriptor);
}

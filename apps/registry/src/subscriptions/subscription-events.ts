import { type Message, subscriptionResource } from '#contracts';
import { type EventAttributes, isEcho, subscriptionEvent } from '../domain/subscription-event.js';
import { eventMatcher } from '../domain/event-patterns.js';
import type { DeliveryStore } from '../storage/delivery.store.js';

/** Writes down for each event to whom it is to be sent. */
export class SubscriptionEvents {
  constructor(
    private readonly store: DeliveryStore,
    /** Called when something new is to be sent. */
    private readonly wake: () => void,
  ) {}

  /** The same event twice is written down once. */
  async heard({ name }: Message, attributes: EventAttributes, data: unknown): Promise<void> {
    if (isEcho(name, data)) return;
    const subscriptions = await this.store.active();
    const wanting = subscriptions
      .filter(({ spec }) => eventMatcher(subscriptionResource.schema.parse(spec).events)(name))
      .map(({ id }) => id);
    if (wanting.length === 0) return;
    await this.store.add(wanting, subscriptionEvent({ name }, attributes, data));
    this.wake();
  }
}

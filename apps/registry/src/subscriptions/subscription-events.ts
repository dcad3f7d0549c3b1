import { type Message, subscriptionResource } from '#contracts';
import { type EventAttributes, isEcho, subscriptionEvent } from '../domain/subscription-event.js';
import { eventMatcher } from '../domain/event-patterns.js';
import type { DeliveryStore } from '../storage/delivery.store.js';
import type { EventProjects } from './event-projects.js';

/** Writes down for each event to whom it is to be sent: of a project's subscriptions, what belongs to that project. */
export class SubscriptionEvents {
  constructor(
    private readonly store: DeliveryStore,
    private readonly projects: EventProjects,
    /** Called when something new is to be sent. */
    private readonly wake: () => void,
  ) {}

  /** The same event twice is written down once. */
  async heard({ name }: Message, attributes: EventAttributes, data: unknown): Promise<void> {
    if (isEcho(name, data)) return;
    const wanting = (await this.store.active())
      .map(({ id, spec }) => ({ id, ...subscriptionResource.schema.parse(spec) }))
      .filter(({ events }) => eventMatcher(events)(name));
    // What belongs to which project takes a look into the database: only where somebody's is to be told apart.
    const isForAll = wanting.every(({ project }) => project === undefined);
    const its = isForAll ? [] : await this.projects.of(name, data);
    const told = wanting.filter(({ project }) => project === undefined || its.includes(project));
    if (told.length === 0) return;
    const ids = told.map(({ id }) => id);
    await this.store.add(ids, subscriptionEvent({ name }, attributes, data));
    this.wake();
  }
}

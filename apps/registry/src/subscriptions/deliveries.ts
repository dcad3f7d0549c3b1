import { randomUUID } from 'node:crypto';
import type { Delivery, DeliveryQuery, DeliveryTest, Page } from '#api';
import { permanent } from '#errors';
import { currentTraceparent } from '#service';
import { ownersOf } from '../changes/permission.js';
import { mayChange, mayRead, type Identity } from '#access';
import { fateOf } from '../domain/delivery-fate.js';
import type { StoredResource } from '../domain/stored-resource.js';
import { subscriptionEvent } from '../domain/subscription-event.js';
import { numberOfCursor, pageFrom } from '../http/cursor.js';
import type { DeliveryStore } from '../storage/delivery.store.js';
import type { ResourceStore } from '../storage/resource.store.js';
import type { Receivers } from './receivers.js';

/** Where deliveries are kept and how a test is sent; what is sent again, the courier sends. */
export interface DeliveriesParts {
  readonly store: DeliveryStore;
  readonly resources: ResourceStore;
  readonly receivers: Receivers;
  /** Called when something is due. */
  readonly wake: () => void;
}

/** What people see of deliveries, and do with them. */
export class Deliveries {
  constructor(private readonly parts: DeliveriesParts) {}

  /** @throws permanent `resource.not_found` */
  async list(caller: Identity, name: string, query: DeliveryQuery): Promise<Page<Delivery>> {
    const { id } = await this.visible(caller, name);
    const { limit, cursor, state } = query;
    const filter = { limit: limit + 1, before: numberOfCursor(cursor), state };
    const found = await this.parts.store.list(id, filter);
    return pageFrom(
      found,
      limit,
      (entries) => entries.map(({ shown }) => shown),
      ({ position }) => position,
    );
  }

  /** @throws permanent `resource.not_found`, `delivery.not_found`, `delivery.under_way`, `access.forbidden` */
  async replay(caller: Identity, name: string, id: string): Promise<Delivery> {
    const { store, wake } = this.parts;
    const subscription = await this.changeable(caller, name);
    if (!(await store.find(subscription.id, id))) throw notFound(name, id);
    if (!(await store.replay(id)))
      throw permanent('delivery.under_way', `it is being sent to ${name} at this moment`, { level: 'info' });
    const found = await store.find(subscription.id, id);
    if (!found) throw notFound(name, id);
    wake();
    return found.shown;
  }

  /** Sends an event that is told to nobody else, also where the subscription is paused. Nothing is written down. */
  async test(caller: Identity, name: string): Promise<DeliveryTest> {
    const { spec } = await this.changeable(caller, name);
    const event = subscriptionEvent(
      { name: 'subscription.test' },
      {
        id: randomUUID(),
        source: '/slipway/registry',
        type: 'org.slipway.subscription.test.v1',
        subject: `subscription/${name}`,
        time: new Date().toISOString(),
        correlationId: undefined,
        causationId: undefined,
        traceparent: currentTraceparent(),
      },
      { subscription: name, by: caller.name },
    );
    const answer = await this.parts.receivers.send(spec, event);
    const fate = fateOf(answer, 1, Date.now());
    return {
      eventId: event.id,
      isDelivered: fate.state === 'delivered',
      ...(answer.status !== undefined && { status: answer.status }),
      ...(fate.state !== 'delivered' && { reason: fate.reason }),
      ...(answer.said && { said: answer.said }),
      milliseconds: Math.round(answer.milliseconds),
    };
  }

  /** What one may not see is not there. */
  private async visible(caller: Identity, name: string): Promise<StoredResource> {
    const found = await this.existing(name);
    if (mayRead(caller, 'subscription', found.project)) return found;
    throw noSubscription(name);
  }

  private async changeable(caller: Identity, name: string): Promise<StoredResource> {
    const found = await this.existing(name);
    const owners = await ownersOf(this.parts.resources, found.project);
    if (mayChange(caller, 'subscription', owners)) return found;
    const message = `only admins and the owners of its project may send to ${name}`;
    throw permanent('access.forbidden', message, { level: 'info' });
  }

  private async existing(name: string): Promise<StoredResource> {
    const found = await this.parts.resources.current('subscription', name);
    if (found) return found;
    throw noSubscription(name);
  }
}

const noSubscription = (name: string): Error =>
  permanent('resource.not_found', `there is no subscription "${name}"`, { level: 'info' });

const notFound = (name: string, id: string): Error =>
  permanent('delivery.not_found', `there is no delivery ${id} to ${name}`, { level: 'info' });

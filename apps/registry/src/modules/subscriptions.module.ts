import { Uses } from '#registry-copy';
import type { KeyRing } from '#secrets';
import { Every, logError, LOGGER, type Logger, METRICS, type Registry } from '#service';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { KEY_RING } from '../access/tokens.js';
import { ResourceChanges } from '../changes/resource-changes.js';
import { AddressGuard } from '../clients/address-guard.js';
import { WebhookSender } from '../clients/webhook-sender.js';
import type { RegistryConfig } from '../config.js';
import { SubscriptionsController } from '../http/subscriptions.controller.js';
import { SubscriptionsListener } from '../messages/subscriptions.controller.js';
import { DeliveryStore } from '../storage/delivery.store.js';
import { ResourceStore } from '../storage/resource.store.js';
import { noteUse } from '../storage/secret.store.js';
import { Courier } from '../subscriptions/courier.js';
import { Deliveries } from '../subscriptions/deliveries.js';
import { EventProjects } from '../subscriptions/event-projects.js';
import { Receivers } from '../subscriptions/receivers.js';
import { SigningKeys } from '../subscriptions/signing-keys.js';
import { SubscriptionEvents } from '../subscriptions/subscription-events.js';
import { SubscriptionMetrics } from '../subscriptions/subscription-metrics.js';
import { pauseSubscription } from '../subscriptions/subscription-pause.js';
import { DATA_SOURCE } from '../tokens.js';

const RETENTION = Symbol('registry:delivery-retention');
const sweepEveryMs = 600_000;

/** Who else is told of events: writes down what is to be sent, sends it, and shows what came of it. */
@Module({})
export class SubscriptionsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sweeping: Every;

  constructor(
    @Inject(Courier) private readonly courier: Courier,
    @Inject(DeliveryStore) store: DeliveryStore,
    @Inject(RETENTION) retentionMs: number,
    @Inject(LOGGER) logger: Logger,
  ) {
    const sweep = (): Promise<void> => store.sweep(new Date(Date.now() - retentionMs));
    this.sweeping = new Every('forgetting old deliveries', sweepEveryMs, sweep, logger);
  }

  static of(config: RegistryConfig): DynamicModule {
    const { subscriptionNetworks, subscriptionRetention, subscriptionTimeout: timeoutMs } = config;
    const sender = new WebhookSender(new AddressGuard(subscriptionNetworks), timeoutMs);
    return {
      module: SubscriptionsModule,
      controllers: [SubscriptionsListener, SubscriptionsController],
      providers: [
        { provide: RETENTION, useValue: subscriptionRetention },
        {
          provide: DeliveryStore,
          inject: [DATA_SOURCE],
          useFactory: (source: DataSource) => new DeliveryStore(source),
        },
        {
          provide: Receivers,
          inject: [DATA_SOURCE, ResourceStore, KEY_RING, LOGGER],
          useFactory: (source: DataSource, resources: ResourceStore, ring: KeyRing, logger: Logger) =>
            new Receivers(new SigningKeys(source, resources, ring), sender, usesNotedIn(source, logger)),
        },
        {
          provide: Courier,
          inject: [DeliveryStore, Receivers, ResourceChanges, METRICS, LOGGER],
          useFactory: (
            store: DeliveryStore,
            receivers: Receivers,
            changes: ResourceChanges,
            registry: Registry,
            logger: Logger,
          ) => {
            const metrics = new SubscriptionMetrics(registry, store);
            const pause = pauseSubscription.bind(undefined, changes);
            return new Courier({ store, receivers, pause, metrics, logger, timeoutMs });
          },
        },
        {
          provide: SubscriptionEvents,
          inject: [DATA_SOURCE, DeliveryStore, Courier],
          useFactory: (source: DataSource, store: DeliveryStore, courier: Courier) =>
            new SubscriptionEvents(store, new EventProjects(source), () => courier.wake()),
        },
        {
          provide: Deliveries,
          inject: [DeliveryStore, ResourceStore, Receivers, Courier],
          useFactory: (
            store: DeliveryStore,
            resources: ResourceStore,
            receivers: Receivers,
            courier: Courier,
          ) => new Deliveries({ store, resources, receivers, wake: () => courier.wake() }),
        },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.courier.start();
    this.sweeping.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.sweeping.stop(), this.courier.stop()]);
  }
}

/** The registry's own uses of secrets go straight into its database. */
const usesNotedIn = (source: DataSource, logger: Logger): Uses =>
  new Uses(
    ({ secret, at, purpose }) => noteUse(source.manager, { secret, at, by: `registry: ${purpose}` }),
    (error) => logError(logger, error, 'that a secret was used is not noted'),
  );

import type { OutboxRelay } from '#database';
import type { KeyRing } from '#secrets';
import type { Logger } from '#service';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { KEY_RING } from '../access/tokens.js';
import { NetworkGuard } from '../clients/network-guard.js';
import { WebhookSender } from '../clients/webhook-sender.js';
import type { RegistryConfig } from '../config.js';
import { SubscriptionsListener } from '../messages/subscriptions.controller.js';
import { AuditStore } from '../storage/audit.store.js';
import { DeliveryStore } from '../storage/delivery.store.js';
import { ResourceStore } from '../storage/resource.store.js';
import { Deliveries } from '../subscriptions/deliveries.js';
import { KnownSubscriptions } from '../subscriptions/known-subscriptions.js';
import { DATA_SOURCE, OUTBOX } from '../tokens.js';

/** Who else is told of events, by webhook. */
@Module({})
export class SubscriptionsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(Deliveries) private readonly deliveries: Deliveries) {}

  static of(config: RegistryConfig, log: Logger): DynamicModule {
    const timeoutMs = config.subscriptionSeconds * 1000;
    const guard = new NetworkGuard(config.subscriptionNetworks);
    return {
      module: SubscriptionsModule,
      controllers: [SubscriptionsListener],
      providers: [
        {
          provide: DeliveryStore,
          inject: [DATA_SOURCE],
          useFactory: (dataSource: DataSource) => new DeliveryStore(dataSource),
        },
        {
          provide: KnownSubscriptions,
          inject: [DATA_SOURCE, ResourceStore, AuditStore, KEY_RING, OUTBOX],
          useFactory: (
            dataSource: DataSource,
            store: ResourceStore,
            audit: AuditStore,
            ring: KeyRing,
            outbox: OutboxRelay,
          ) => new KnownSubscriptions({ dataSource, store, audit, ring, said: () => outbox.wake() }),
        },
        {
          provide: Deliveries,
          inject: [DeliveryStore, KnownSubscriptions],
          useFactory: (store: DeliveryStore, subscriptions: KnownSubscriptions) =>
            new Deliveries({
              store,
              subscriptions,
              sender: new WebhookSender({ guard, timeoutMs }),
              log,
              retrySeconds: config.subscriptionRetrySeconds,
              holdSeconds: config.subscriptionSeconds + 30,
            }),
        },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.deliveries.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.deliveries.stop();
  }
}

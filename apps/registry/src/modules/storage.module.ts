import { BUS, type Bus } from '#bus';
import { OutboxRelay } from '#database';
import { LOGGER, type Logger } from '#service';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Companions } from '../changes/companion.js';
import { ResourceChanges } from '../changes/resource-changes.js';
import { ResourcePresenter } from '../http/resource-presenter.js';
import { AuditStore } from '../storage/audit.store.js';
import { ResourceStore } from '../storage/resource.store.js';
import { DATA_SOURCE, OUTBOX } from '../tokens.js';

/**
 * The database and what is done with it, in reach of every module: `DATA_SOURCE`, `OUTBOX`, `ResourceStore`,
 * `AuditStore`, `Companions`, `ResourceChanges`, `ResourcePresenter`.
 */
@Module({})
export class StorageModule
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(
    @Inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(OUTBOX) private readonly outbox: OutboxRelay,
  ) {}

  static of(dataSource: DataSource): DynamicModule {
    const store = new ResourceStore(dataSource);
    const audit = new AuditStore(dataSource);
    const companions = new Companions();
    const providers = [
      { provide: DATA_SOURCE, useValue: dataSource },
      {
        provide: OUTBOX,
        inject: [BUS, LOGGER],
        useFactory: (bus: Bus, log: Logger) => new OutboxRelay({ dataSource, bus, log }),
      },
      { provide: ResourceStore, useValue: store },
      { provide: AuditStore, useValue: audit },
      { provide: Companions, useValue: companions },
      { provide: ResourcePresenter, useValue: new ResourcePresenter(dataSource, companions) },
      {
        provide: ResourceChanges,
        inject: [OUTBOX],
        useFactory: (outbox: OutboxRelay) =>
          new ResourceChanges({ dataSource, store, audit, companions, outbox }),
      },
    ];
    return {
      module: StorageModule,
      global: true,
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }

  onApplicationBootstrap(): void {
    this.outbox.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.outbox.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}

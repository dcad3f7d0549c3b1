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
import { ResourceStore } from '../storage/resource.store.js';
import { DATA_SOURCE, OUTBOX } from '../tokens.js';

/** The database, in reach of every module: `DATA_SOURCE`, `OUTBOX`, `ResourceStore`. */
@Module({})
export class StorageModule
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(
    @Inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(OUTBOX) private readonly outbox: OutboxRelay,
  ) {}

  static of(dataSource: DataSource): DynamicModule {
    const providers = [
      { provide: DATA_SOURCE, useValue: dataSource },
      {
        provide: OUTBOX,
        inject: [BUS, LOGGER],
        useFactory: (bus: Bus, log: Logger) => new OutboxRelay({ dataSource, bus, log }),
      },
      { provide: ResourceStore, useValue: new ResourceStore(dataSource) },
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

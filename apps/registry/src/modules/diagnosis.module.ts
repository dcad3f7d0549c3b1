import { BUS, type Bus } from '#bus';
import { type DynamicModule, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { RegistryConfig } from '../config.js';
import type { DiagnosisParts } from '../diagnosis/diagnosis.js';
import { DiagnosisController } from '../http/diagnosis.controller.js';
import { CopyStore } from '../storage/copy.store.js';
import { DeliveryStore } from '../storage/delivery.store.js';
import { LaneStore } from '../storage/lane.store.js';
import { SnapshotStore } from '../storage/snapshot.store.js';
import { DATA_SOURCE, DIAGNOSIS } from '../tokens.js';

/** What is well and what is not. */
@Module({})
export class DiagnosisModule {
  static of({ amqpUrl }: RegistryConfig): DynamicModule {
    const amqpUrls = typeof amqpUrl === 'string' ? [amqpUrl] : amqpUrl;
    return {
      module: DiagnosisModule,
      controllers: [DiagnosisController],
      providers: [
        {
          provide: DIAGNOSIS,
          inject: [BUS, DATA_SOURCE],
          useFactory: (bus: Bus, dataSource: DataSource): DiagnosisParts => ({
            bus,
            amqpUrls,
            dataSource,
            lanes: new LaneStore(dataSource),
            deliveries: new DeliveryStore(dataSource),
            copies: new CopyStore(dataSource),
            newestRevision: () => new SnapshotStore(dataSource).newest(),
          }),
        },
      ],
    };
  }
}

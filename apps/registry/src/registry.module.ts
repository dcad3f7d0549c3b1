import { BusModule } from '#bus';
import { openServiceDatabase } from '#database';
import type { Runtime } from '#service';
import { type DynamicModule, Module } from '@nestjs/common';
import type { RegistryConfig } from './config.js';
import { AccessModule } from './modules/access.module.js';
import { CredentialsModule } from './modules/credentials.module.js';
import { DeadLettersModule } from './modules/dead-letters.module.js';
import { DiagnosisModule } from './modules/diagnosis.module.js';
import { EventsModule } from './modules/events.module.js';
import { HttpModule } from './modules/http.module.js';
import { JobsModule } from './modules/jobs.module.js';
import { PublicationsModule } from './modules/publications.module.js';
import { ResourcesModule } from './modules/resources.module.js';
import { SnapshotsModule } from './modules/snapshots.module.js';
import { StorageModule } from './modules/storage.module.js';
import { SubscriptionsModule } from './modules/subscriptions.module.js';
import { storage } from './storage/index.js';

/** The service: its database and bus, and the modules that hang in them. */
@Module({})
class RegistryModule {}

/** The service, from its settings. Waits for the database. */
export async function registryModule(config: RegistryConfig, runtime: Runtime): Promise<DynamicModule> {
  const dataSource = await openServiceDatabase(storage, config, runtime);
  return {
    module: RegistryModule,
    imports: [
      BusModule.forRoot({ ...runtime, url: config.amqpUrl, service: runtime.name }),
      StorageModule.of(dataSource),
      HttpModule,
      AccessModule.of(config, dataSource),
      ResourcesModule,
      CredentialsModule.of(config, dataSource),
      PublicationsModule,
      JobsModule.of(config),
      EventsModule.of(config),
      DeadLettersModule.of(config),
      SubscriptionsModule.of(config),
      DiagnosisModule.of(config),
      SnapshotsModule,
    ],
  };
}

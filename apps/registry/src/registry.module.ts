import { BUS, type Bus, BusModule } from '#bus';
import { openDatabase, untilReachable } from '#database';
import { currentTraceparent, READINESS, type Readiness, type Runtime, withTrace } from '#service';
import { type DynamicModule, Inject, Module, type OnModuleInit } from '@nestjs/common';
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
class RegistryModule implements OnModuleInit {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(READINESS) private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness.add({ name: 'broker', check: () => refuseUnlessReady(this.bus) });
  }
}

/** The service, from its settings. Waits for the database. */
export async function registryModule(config: RegistryConfig, runtime: Runtime): Promise<DynamicModule> {
  const { logger, metrics, readiness, name } = runtime;
  const database = { ...storage, url: config.postgresUrl, schema: config.schema };
  const dataSource = await untilReachable(() => openDatabase(database), logger);
  readiness.add({ name: 'database', check: async () => void (await dataSource.query('select 1')) });
  const trace = { current: currentTraceparent, run: withTrace };
  return {
    module: RegistryModule,
    imports: [
      BusModule.forRoot({ url: config.amqpUrl, service: name, logger, metrics, trace }),
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

function refuseUnlessReady(bus: Bus): void {
  const { ready, reason } = bus.state();
  if (!ready) throw new Error(reason ?? 'not connected');
}

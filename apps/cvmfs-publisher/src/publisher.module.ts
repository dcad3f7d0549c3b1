import { BUS, BusModule, type Bus } from '#bus';
import { openDatabase, untilReachable } from '#database';
import type { Runtime } from '#service';
import { loadSlipwayFile } from '#settings';
import { currentTraceparent, withTrace } from '#service';
import { Module, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { Inject, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { openImageSources } from './clients/image-sources.js';
import type { PublisherConfig } from './config.js';
import { ImagesController } from './messages/images.controller.js';
import { Publisher } from './publisher.js';
import { storage } from './storage/index.js';
import { reportBacklog } from './storage/backlog-metrics.js';
import { INTAKE, PUBLISHER } from './tokens.js';

/** Starts and stops the background work with the application. */
@Module({})
class PublisherModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(@Inject(PUBLISHER) private readonly publisher: Publisher) {}

  onApplicationBootstrap(): void {
    this.publisher.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.publisher.stop();
  }

  onApplicationShutdown(): Promise<void> {
    return this.publisher.close();
  }
}

/** The service, from its settings: database, image sources and one lane per CVMFS repository. */
export async function publisherModule(config: PublisherConfig, runtime: Runtime): Promise<DynamicModule> {
  const { logger, metrics, readiness, scrubber } = runtime;
  const file = loadSlipwayFile(config.slipwayFile);
  const sources = await openImageSources(config, file, scrubber);
  const database = { ...storage, url: config.postgresUrl, schema: config.schema };
  const dataSource = await untilReachable(() => openDatabase(database), logger);
  readiness.add({ name: 'database', check: async () => void (await dataSource.query('select 1')) });
  reportBacklog(metrics, dataSource);
  const bus = BusModule.forRoot({
    url: config.amqpUrl,
    service: runtime.name,
    logger,
    metrics,
    trace: { current: currentTraceparent, run: withTrace },
  });
  return {
    module: PublisherModule,
    imports: [bus],
    controllers: [ImagesController],
    providers: [
      {
        provide: PUBLISHER,
        inject: [BUS],
        useFactory: (connected: Bus) => {
          readiness.add({ name: 'broker', check: () => refuseUnlessReady(connected) });
          return new Publisher({ config, file, sources, dataSource, bus: connected, log: logger, metrics });
        },
      },
      { provide: INTAKE, inject: [PUBLISHER], useFactory: (publisher: Publisher) => publisher.intake },
    ],
  };
}

function refuseUnlessReady(bus: Bus): void {
  const { ready, reason } = bus.state();
  if (!ready) throw new Error(reason ?? 'not connected');
}

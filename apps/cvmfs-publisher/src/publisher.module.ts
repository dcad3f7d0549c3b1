import { BUS, BusModule, type Bus } from '#bus';
import { openDatabase, untilReachable } from '#database';
import { openCopy, REGISTRY_COPY, type RegistryCopy, untilUsable } from '#registry-copy';
import type { Runtime } from '#service';
import { currentTraceparent, withTrace } from '#service';
import { Module, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { Inject, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { openImageSources } from './clients/image-sources.js';
import type { PublisherConfig } from './config.js';
import { configuredBy } from './configured.js';
import { ImagesController } from './messages/images.controller.js';
import { Publisher } from './publisher.js';
import { storage } from './storage/index.js';
import { reportBacklog } from './storage/backlog-metrics.js';
import { INTAKE, PUBLISHER } from './tokens.js';

/** Starts and stops the background work with the application. */
@Module({})
class PublisherModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(PUBLISHER) private readonly publisher: Publisher,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(REGISTRY_COPY) private readonly copy: RegistryCopy | undefined,
  ) {}

  onApplicationBootstrap(): void {
    this.copy?.follow(this.bus);
    this.publisher.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.copy?.close();
    await this.publisher.stop();
  }

  onApplicationShutdown(): Promise<void> {
    return this.publisher.close();
  }
}

/** The service, from its settings: database, image sources and one lane per CVMFS repository. */
export async function publisherModule(config: PublisherConfig, runtime: Runtime): Promise<DynamicModule> {
  const { logger, metrics, readiness, scrubber } = runtime;
  const trace = { current: currentTraceparent, run: withTrace };
  const busOptions = { url: config.amqpUrl, service: runtime.name, logger, metrics, trace };
  const copy = await openCopy(config, runtime, [
    'image_rule',
    'cvmfs_repository',
    'container_registry',
    'credential',
  ]);
  // Without rules every pushed image would be one that nobody wants: they wait in the queue until there are some.
  if (copy) await untilUsable(copy, { ...busOptions, metrics: undefined });
  const configured = configuredBy(copy, config.slipwayFile, scrubber);
  const sources = await openImageSources(config, configured, logger);
  const database = { ...storage, url: config.postgresUrl, schema: config.schema };
  const dataSource = await untilReachable(() => openDatabase(database), logger);
  readiness.add({ name: 'database', check: async () => void (await dataSource.query('select 1')) });
  reportBacklog(metrics, dataSource);
  return {
    module: PublisherModule,
    imports: [BusModule.forRoot(busOptions)],
    controllers: [ImagesController],
    providers: [
      { provide: REGISTRY_COPY, useValue: copy },
      {
        provide: PUBLISHER,
        inject: [BUS],
        useFactory: (connected: Bus) => {
          readiness.add({ name: 'broker', check: () => refuseUnlessReady(connected) });
          return new Publisher({
            config,
            configured,
            sources,
            dataSource,
            bus: connected,
            log: logger,
            metrics,
          });
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

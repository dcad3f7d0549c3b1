import { BUS, BusModule, type Bus } from '#bus';
import { openServiceDatabase } from '#database';
import { openUsableCopy, REGISTRY_COPY, type RegistryCopy } from '#registry-copy';
import type { Runtime } from '#service';
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
  const { logger: log, metrics, scrubber } = runtime;
  // Without rules every pushed image would be one that nobody wants: they wait in the queue until there are some.
  const copy = await openUsableCopy(config, runtime, [
    'image_rule',
    'cvmfs_repository',
    'container_registry',
    'credential',
  ]);
  const configured = configuredBy(copy, config.slipwayFile, scrubber);
  const sources = await openImageSources(config, configured, log);
  const dataSource = await openServiceDatabase(storage, config, runtime);
  reportBacklog(metrics, dataSource);
  return {
    module: PublisherModule,
    imports: [BusModule.forRoot({ ...runtime, url: config.amqpUrl, service: runtime.name })],
    controllers: [ImagesController],
    providers: [
      { provide: REGISTRY_COPY, useValue: copy },
      {
        provide: PUBLISHER,
        inject: [BUS],
        useFactory: (bus: Bus) =>
          new Publisher({ config, configured, sources, dataSource, bus, log, metrics }),
      },
      { provide: INTAKE, inject: [PUBLISHER], useFactory: (publisher: Publisher) => publisher.intake },
    ],
  };
}

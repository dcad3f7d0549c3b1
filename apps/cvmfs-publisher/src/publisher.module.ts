import { BUS, BusModule, type Bus } from '#bus';
import { openServiceDatabase } from '#database';
import { BACKGROUND_WORK, BackgroundModule, openUsableCopy, REGISTRY_COPY } from '#registry-copy';
import type { Runtime } from '#service';
import type { DynamicModule } from '@nestjs/common';
import { openImageSources } from './clients/image-sources.js';
import type { PublisherConfig } from './config.js';
import { configuredBy } from './configured.js';
import { ImagesController } from './messages/images.controller.js';
import { Publisher } from './publisher.js';
import { storage } from './storage/index.js';
import { reportBacklog } from './storage/backlog-metrics.js';
import { INTAKE } from './tokens.js';

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
    module: BackgroundModule,
    imports: [BusModule.forRoot({ ...runtime, url: config.amqpUrl, service: runtime.name })],
    controllers: [ImagesController],
    providers: [
      { provide: REGISTRY_COPY, useValue: copy },
      {
        provide: BACKGROUND_WORK,
        inject: [BUS],
        useFactory: (bus: Bus) =>
          new Publisher({ config, configured, sources, dataSource, bus, log, metrics }),
      },
      { provide: INTAKE, inject: [BACKGROUND_WORK], useFactory: (publisher: Publisher) => publisher.intake },
    ],
  };
}

import { BUS, BusModule, type Bus } from '#bus';
import { openServiceDatabase } from '#database';
import { BACKGROUND_WORK, BackgroundModule, openUsableCopy, REGISTRY_COPY } from '#registry-copy';
import type { Runtime } from '#service';
import { settingsSource } from '#settings';
import type { DynamicModule } from '@nestjs/common';
import { Bridge } from './bridge.js';
import type { BridgeConfig } from './config.js';
import { configuredBy, copiedKinds } from './configured.js';
import { PublishedImageStore } from './images/published-image.store.js';
import { GridNewsController } from './messages/grid-news.controller.js';
import { ImagesController } from './messages/images.controller.js';
import { StatusesController } from './messages/statuses.controller.js';
import { storage } from './storage/index.js';
import { GRID_NEWS, STATUSES } from './tokens.js';

/** The service, from its settings. */
export async function bridgeModule(config: BridgeConfig, runtime: Runtime): Promise<DynamicModule> {
  const { logger: log, metrics, scrubber } = runtime;
  // Without projects every CI job would be refused: none is asked for until there are some.
  const copy = await openUsableCopy(config, runtime, copiedKinds);
  const configured = configuredBy(settingsSource(copy, config.slipwayFile, scrubber));
  const dataSource = await openServiceDatabase({ ...storage, poolSize: 20 }, config, runtime);
  return {
    module: BackgroundModule,
    imports: [BusModule.forRoot({ ...runtime, url: config.amqpUrl, service: runtime.name })],
    controllers: [GridNewsController, ImagesController, StatusesController],
    providers: [
      { provide: REGISTRY_COPY, useValue: copy },
      {
        provide: BACKGROUND_WORK,
        inject: [BUS],
        useFactory: (bus: Bus) => new Bridge({ config, configured, dataSource, bus, log, metrics }),
      },
      {
        provide: PublishedImageStore,
        inject: [BACKGROUND_WORK],
        useFactory: (bridge: Bridge) => bridge.images.store,
      },
      { provide: GRID_NEWS, inject: [BACKGROUND_WORK], useFactory: (bridge: Bridge) => bridge.news },
      {
        provide: STATUSES,
        inject: [BACKGROUND_WORK],
        useFactory: (bridge: Bridge) => bridge.statuses.intake,
      },
    ],
  };
}

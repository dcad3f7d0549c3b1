import { BUS, BusModule, type Bus } from '#bus';
import { openDatabase, untilReachable } from '#database';
import { openCopy, REGISTRY_COPY, type RegistryCopy, untilUsable } from '#registry-copy';
import { currentTraceparent, withTrace, type Runtime } from '#service';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Bridge } from './bridge.js';
import type { BridgeConfig } from './config.js';
import { configuredBy, copiedKinds } from './configured.js';
import { PublishedImageStore } from './images/published-image.store.js';
import { GridNewsController } from './messages/grid-news.controller.js';
import { ImagesController } from './messages/images.controller.js';
import { StatusesController } from './messages/statuses.controller.js';
import { storage } from './storage/index.js';
import { BRIDGE, GRID_NEWS, STATUSES } from './tokens.js';

/** Starts and stops the background work with the application. */
@Module({})
class BridgeModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(BRIDGE) private readonly bridge: Bridge,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(REGISTRY_COPY) private readonly copy: RegistryCopy | undefined,
  ) {}

  onApplicationBootstrap(): void {
    this.copy?.follow(this.bus);
    this.bridge.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.copy?.close();
    await this.bridge.stop();
  }

  onApplicationShutdown(): Promise<void> {
    return this.bridge.close();
  }
}

/** The service, from its settings. */
export async function bridgeModule(config: BridgeConfig, runtime: Runtime): Promise<DynamicModule> {
  const { logger, metrics, readiness, scrubber } = runtime;
  const trace = { current: currentTraceparent, run: withTrace };
  const busOptions = { url: config.amqpUrl, service: runtime.name, logger, metrics, trace };
  const copy = await openCopy(config, runtime, copiedKinds);
  // Without projects every CI job would be refused: none is asked for until there are some.
  if (copy) await untilUsable(copy, { ...busOptions, metrics: undefined });
  const configured = configuredBy(copy, config.slipwayFile, scrubber);
  const database = { ...storage, url: config.postgresUrl, schema: config.schema, poolSize: 20 };
  const dataSource = await untilReachable(() => openDatabase(database), logger);
  readiness.add({ name: 'database', check: async () => void (await dataSource.query('select 1')) });
  return {
    module: BridgeModule,
    imports: [BusModule.forRoot(busOptions)],
    controllers: [GridNewsController, ImagesController, StatusesController],
    providers: [
      { provide: REGISTRY_COPY, useValue: copy },
      {
        provide: BRIDGE,
        inject: [BUS],
        useFactory: (bus: Bus) => {
          readiness.add({ name: 'broker', check: () => refuseUnlessReady(bus) });
          return new Bridge({ config, configured, dataSource, bus, log: logger, metrics });
        },
      },
      {
        provide: PublishedImageStore,
        inject: [BRIDGE],
        useFactory: (bridge: Bridge) => bridge.images.store,
      },
      { provide: GRID_NEWS, inject: [BRIDGE], useFactory: (bridge: Bridge) => bridge.news },
      { provide: STATUSES, inject: [BRIDGE], useFactory: (bridge: Bridge) => bridge.statuses },
    ],
  };
}

function refuseUnlessReady(bus: Bus): void {
  const { ready, reason } = bus.state();
  if (!ready) throw new Error(reason ?? 'not connected');
}

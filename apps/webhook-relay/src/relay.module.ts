import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { BUS, type Bus, BusModule } from '#bus';
import { openCopy, REGISTRY_COPY, type RegistryCopy } from '#registry-copy';
import { LOGGER, type Logger, METRICS, type Registry, type Runtime } from '#service';
import type { RelayConfig } from './config.js';
import { ByteBudget } from './domain/byte-budget.js';
import { DeliveryLog } from './http/delivery-log.js';
import { HookRoutes } from './http/hook-routes.js';
import { RelayMetrics } from './http/relay-metrics.js';
import { FileSources } from './file-sources.js';
import { RegistrySources } from './registry-sources.js';
import { BODY_BUDGET, SOURCES, type SourceBook } from './source-book.js';

/** Receives deliveries, and publishes what they say. Keeps nothing but a copy of what the registry says of sources. */
@Module({})
export class RelayModule implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown {
  constructor(
    @Inject(SOURCES) private readonly sources: SourceBook,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(REGISTRY_COPY) private readonly copy: RegistryCopy | undefined,
  ) {}

  /** Rejects with an AppError (permanent) where slipway.yml, or a secret that it names, is not valid. */
  static async forRoot(config: RelayConfig, runtime: Runtime): Promise<DynamicModule> {
    const { logger, scrubber } = runtime;
    const copy = await openCopy(config, runtime, ['source', 'credential']);
    const sources = copy
      ? new RegistrySources(copy, scrubber, logger)
      : new FileSources(config.slipwayFile, scrubber);
    return {
      module: RelayModule,
      imports: [BusModule.forRoot({ ...runtime, url: config.amqpUrl, service: runtime.name })],
      providers: [
        HookRoutes,
        { provide: SOURCES, useValue: sources },
        { provide: REGISTRY_COPY, useValue: copy },
        { provide: BODY_BUDGET, useValue: new ByteBudget(config.bodyMemory) },
        { provide: RelayMetrics, inject: [METRICS], useFactory: (r: Registry) => new RelayMetrics(r) },
        { provide: DeliveryLog, inject: [LOGGER], useFactory: (l: Logger) => new DeliveryLog(l) },
      ],
    };
  }

  onModuleInit(): void {
    this.copy?.follow(this.bus);
    process.on('SIGHUP', this.reload);
    this.logger.info({ sources: this.sources.names }, 'sources');
  }

  onModuleDestroy(): void {
    process.off('SIGHUP', this.reload);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.copy?.close();
  }

  private readonly reload = (): void => {
    try {
      this.sources.reload();
      this.logger.info({ sources: this.sources.names }, 'the sources were read anew');
    } catch (error) {
      this.logger.error({ err: error }, 'what is configured is not valid; the sources stay as they were');
    }
  };
}

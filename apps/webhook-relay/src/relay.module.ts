import { type DynamicModule, Inject, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { BUS, type Bus, BusModule } from '#bus';
import {
  currentTraceparent,
  LOGGER,
  type Logger,
  METRICS,
  READINESS,
  type Readiness,
  type Registry,
  type Runtime,
  withTrace,
} from '#service';
import type { RelayConfig } from './config.js';
import { ByteBudget } from './domain/byte-budget.js';
import { DeliveryLog } from './http/delivery-log.js';
import { HookRoutes } from './http/hook-routes.js';
import { RelayMetrics } from './http/relay-metrics.js';
import { BODY_BUDGET, SourceBook } from './source-book.js';

/** Receives deliveries, and publishes what they say. Keeps nothing. */
@Module({})
export class RelayModule implements OnModuleInit, OnModuleDestroy {
  constructor(
    @Inject(SourceBook) private readonly sources: SourceBook,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(READINESS) private readonly readiness: Readiness,
  ) {}

  /** @throws AppError (permanent) where slipway.yml or a secret that it names is not valid */
  static forRoot(config: RelayConfig, runtime: Runtime): DynamicModule {
    const { name, logger, metrics, scrubber } = runtime;
    const sources = new SourceBook(config.slipwayFile, scrubber);
    return {
      module: RelayModule,
      imports: [
        BusModule.forRoot({
          url: config.amqpUrl,
          service: name,
          logger,
          metrics,
          trace: { current: currentTraceparent, run: withTrace },
        }),
      ],
      providers: [
        HookRoutes,
        { provide: SourceBook, useValue: sources },
        { provide: BODY_BUDGET, useValue: new ByteBudget(config.bodyMemory) },
        { provide: RelayMetrics, inject: [METRICS], useFactory: (r: Registry) => new RelayMetrics(r) },
        { provide: DeliveryLog, inject: [LOGGER], useFactory: (l: Logger) => new DeliveryLog(l) },
      ],
    };
  }

  onModuleInit(): void {
    this.readiness.add({ name: 'broker', check: () => refuseUnlessReady(this.bus) });
    process.on('SIGHUP', this.reload);
    this.logger.info({ sources: this.sources.names }, 'sources');
  }

  onModuleDestroy(): void {
    process.off('SIGHUP', this.reload);
  }

  private readonly reload = (): void => {
    try {
      this.sources.reload();
      this.logger.info({ sources: this.sources.names }, 'slipway.yml was read anew');
    } catch (error) {
      this.logger.error({ err: error }, 'slipway.yml is not valid; the sources stay as they were');
    }
  };
}

function refuseUnlessReady(bus: Bus): void {
  const { ready, status, reason } = bus.state();
  if (!ready) throw new Error(reason ?? status);
}

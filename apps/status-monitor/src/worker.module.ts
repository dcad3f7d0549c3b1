import { join } from 'node:path';
import { BUS, type Bus } from '#bus';
import type { KeyRing } from '#secrets';
import { Every, LOGGER, type Logger } from '#service';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { TransferCollector } from './collecting/collector.js';
import type { MonitorConfig } from './config.js';
import { LogsController } from './http/logs.controller.js';
import { OutputsController } from './http/outputs.controller.js';
import { JobInputs } from './inputs/job-inputs.js';
import { WorkerEdge } from './http/worker/worker-edge.js';
import type { Ledger } from './ledger/ledger.js';
import { LogNews } from './live/log-news.js';
import type { Monitor } from './monitor.js';
import { LogSignals } from './storage/logs/log-signals.js';
import { LogStore } from './storage/logs/log.store.js';
import { OutputStore } from './storage/outputs/output.store.js';
import {
  COLLECTOR,
  DATA_SOURCE,
  LEDGER,
  LOG_NEWS,
  LOG_SIGNALS,
  LOGS,
  MONITOR,
  OUTPUTS,
  WORKER_EDGE,
} from './tokens.js';

const mib = 2 ** 20;
const sweepMs = 3_600_000;
/** The wrapper sends pieces of one MiB. */
const mostChunkBytes = 4 * mib;

/** What the jobs themselves say, and what they leave: logs and outputs. */
@Module({})
export class WorkerModule
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly sweeping: Every;

  constructor(
    @Inject(LOG_SIGNALS) private readonly signals: LogSignals,
    @Inject(LOG_NEWS) private readonly news: LogNews,
    @Inject(OUTPUTS) outputs: OutputStore,
    @Inject(COLLECTOR) collector: TransferCollector,
    @Inject(MONITOR) monitor: Monitor,
    @Inject(LOGGER) log: Logger,
  ) {
    monitor.collector = collector;
    this.sweeping = new Every('forgetting old outputs', sweepMs, () => outputs.sweep(), log);
  }

  static of(config: MonitorConfig, ring: KeyRing, log: Logger): DynamicModule {
    const { logMib, outputMib, outputDirectory, postgresUrl: url, schema } = config;
    const parts = [
      {
        provide: LOGS,
        inject: [DATA_SOURCE],
        useFactory: (dataSource: DataSource) => new LogStore(dataSource, logMib * mib),
      },
      {
        provide: OUTPUTS,
        inject: [DATA_SOURCE],
        useFactory: (dataSource: DataSource) => new OutputStore(dataSource, outputDirectory, outputMib * mib),
      },
      {
        provide: LOG_SIGNALS,
        inject: [DATA_SOURCE],
        useFactory: (dataSource: DataSource) =>
          new LogSignals({ url, schema, log, query: (text, values) => dataSource.query(text, [...values]) }),
      },
      {
        provide: LOG_NEWS,
        inject: [BUS, LOG_SIGNALS],
        useFactory: (bus: Bus, signals: LogSignals) => new LogNews({ bus, signals, log }),
      },
      {
        provide: WORKER_EDGE,
        inject: [LEDGER, LOGS, OUTPUTS, LOG_NEWS, DATA_SOURCE],
        useFactory: (
          ledger: Ledger,
          logs: LogStore,
          outputs: OutputStore,
          news: LogNews,
          dataSource: DataSource,
        ) => {
          const inputs = new JobInputs(dataSource, outputs);
          return new WorkerEdge({ ring, ledger, logs, outputs, news, inputs, mostChunkBytes });
        },
      },
      {
        provide: COLLECTOR,
        inject: [LEDGER, LOGS, OUTPUTS, LOG_NEWS],
        useFactory: (ledger: Ledger, logs: LogStore, outputs: OutputStore, news: LogNews) =>
          new TransferCollector({
            ledger,
            logs,
            outputs,
            news,
            directory: join(outputDirectory, 'incoming'),
          }),
      },
    ];
    return {
      module: WorkerModule,
      global: true,
      controllers: [LogsController, OutputsController],
      providers: parts,
      exports: parts.map(({ provide }) => provide),
    };
  }

  onApplicationBootstrap(): void {
    this.signals.start();
    this.sweeping.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.sweeping.stop();
    await this.news.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.signals.close();
  }
}

import { BUS, BusModule, type Bus } from '#bus';
import { openDatabase, untilReachable } from '#database';
import { backendKinds, loadPlugins } from '#grid';
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
import type { SubmitterConfig } from './config.js';
import { configuredBy } from './configured.js';
import { JobsController } from './messages/jobs.controller.js';
import { OutcomesController } from './messages/outcomes.controller.js';
import { storage } from './storage/index.js';
import { Submitter } from './submitter.js';
import { INTAKE, SUBMITTER } from './tokens.js';

/** Starts and stops the background work with the application. */
@Module({})
class SubmitterModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(SUBMITTER) private readonly submitter: Submitter,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(REGISTRY_COPY) private readonly copy: RegistryCopy | undefined,
  ) {}

  onApplicationBootstrap(): void {
    this.copy?.follow(this.bus);
    this.submitter.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.copy?.close();
    await this.submitter.stop();
  }

  onApplicationShutdown(): Promise<void> {
    return this.submitter.close();
  }
}

/** The service, from its settings. */
export async function submitterModule(config: SubmitterConfig, runtime: Runtime): Promise<DynamicModule> {
  const { logger, metrics, readiness, scrubber } = runtime;
  const trace = { current: currentTraceparent, run: withTrace };
  const busOptions = { url: config.amqpUrl, service: runtime.name, logger, metrics, trace };
  const copy = await openCopy(config, runtime, ['project', 'backend', 'identity_mapping', 'credential']);
  // Without projects every group would be refused: they wait in the queue until there are some.
  if (copy) await untilUsable(copy, { ...busOptions, metrics: undefined });
  const configured = configuredBy(copy, config.slipwayFile, scrubber);
  const plugins = await loadPlugins(config.plugins);
  const kinds = [...backendKinds, ...plugins.backends];
  const database = { ...storage, url: config.postgresUrl, schema: config.schema };
  const dataSource = await untilReachable(() => openDatabase(database), logger);
  readiness.add({ name: 'database', check: async () => void (await dataSource.query('select 1')) });
  return {
    module: SubmitterModule,
    imports: [BusModule.forRoot(busOptions)],
    controllers: [JobsController, OutcomesController],
    providers: [
      { provide: REGISTRY_COPY, useValue: copy },
      {
        provide: SUBMITTER,
        inject: [BUS],
        useFactory: (bus: Bus) => {
          readiness.add({ name: 'broker', check: () => refuseUnlessReady(bus) });
          return new Submitter({ config, configured, kinds, dataSource, bus, log: logger, metrics });
        },
      },
      { provide: INTAKE, inject: [SUBMITTER], useFactory: (submitter: Submitter) => submitter.intake },
    ],
  };
}

function refuseUnlessReady(bus: Bus): void {
  const { ready, reason } = bus.state();
  if (!ready) throw new Error(reason ?? 'not connected');
}

import { BUS, BusModule, type Bus } from '#bus';
import { openServiceDatabase } from '#database';
import { backendKinds, loadPlugins } from '#grid';
import { openUsableCopy, REGISTRY_COPY, type RegistryCopy } from '#registry-copy';
import type { Runtime } from '#service';
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
  const { logger: log, metrics, scrubber } = runtime;
  // Without projects every group would be refused: they wait in the queue until there are some.
  const copy = await openUsableCopy(config, runtime, [
    'project',
    'backend',
    'identity_mapping',
    'credential',
  ]);
  const configured = configuredBy(copy, config.slipwayFile, scrubber);
  const plugins = await loadPlugins(config.plugins);
  const kinds = [...backendKinds, ...plugins.backends];
  const dataSource = await openServiceDatabase(storage, config, runtime);
  return {
    module: SubmitterModule,
    imports: [BusModule.forRoot({ ...runtime, url: config.amqpUrl, service: runtime.name })],
    controllers: [JobsController, OutcomesController],
    providers: [
      { provide: REGISTRY_COPY, useValue: copy },
      {
        provide: SUBMITTER,
        inject: [BUS],
        useFactory: (bus: Bus) => new Submitter({ config, configured, kinds, dataSource, bus, log, metrics }),
      },
      { provide: INTAKE, inject: [SUBMITTER], useFactory: (submitter: Submitter) => submitter.intake },
    ],
  };
}

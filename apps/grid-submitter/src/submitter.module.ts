import { BUS, BusModule, type Bus } from '#bus';
import { openServiceDatabase } from '#database';
import { backendKinds, loadPlugins } from '#grid';
import { BACKGROUND_WORK, BackgroundModule, openUsableCopy, REGISTRY_COPY } from '#registry-copy';
import type { Runtime } from '#service';
import { settingsSource } from '#settings';
import type { DynamicModule } from '@nestjs/common';
import type { SubmitterConfig } from './config.js';
import { configuredBy } from './configured.js';
import { JobsController } from './messages/jobs.controller.js';
import { OutcomesController } from './messages/outcomes.controller.js';
import { storage } from './storage/index.js';
import { Submitter } from './submitter.js';
import { INTAKE } from './tokens.js';

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
  const configured = configuredBy(settingsSource(copy, config.slipwayFile, scrubber));
  const plugins = await loadPlugins(config.plugins);
  const kinds = [...backendKinds, ...plugins.backends];
  const dataSource = await openServiceDatabase(storage, config, runtime);
  return {
    module: BackgroundModule,
    imports: [BusModule.forRoot({ ...runtime, url: config.amqpUrl, service: runtime.name })],
    controllers: [JobsController, OutcomesController],
    providers: [
      { provide: REGISTRY_COPY, useValue: copy },
      {
        provide: BACKGROUND_WORK,
        inject: [BUS],
        useFactory: (bus: Bus) => new Submitter({ config, configured, kinds, dataSource, bus, log, metrics }),
      },
      { provide: INTAKE, inject: [BACKGROUND_WORK], useFactory: (submitter: Submitter) => submitter.intake },
    ],
  };
}

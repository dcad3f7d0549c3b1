import { BUS, type Bus, BusModule } from '#bus';
import { openServiceDatabase } from '#database';
import { backendKinds, loadPlugins } from '#grid';
import { BACKGROUND_WORK, BackgroundModule, openUsableCopy, REGISTRY_COPY } from '#registry-copy';
import { openKeyRing } from '#secrets';
import type { Runtime } from '#service';
import { settingsSource } from '#settings';
import type { DynamicModule } from '@nestjs/common';
import { ApiModule } from './api.module.js';
import type { MonitorConfig } from './config.js';
import { configuredBy } from './configured.js';
import { AttemptsController } from './messages/attempts.controller.js';
import { Monitor } from './monitor.js';
import { storage } from './storage/index.js';
import { WorkerModule } from './worker.module.js';
import { CONFIGURED, DATA_SOURCE, GROUPS, LEDGER, MONITOR } from './tokens.js';

/** The service, from its settings. Waits for the database. */
export async function monitorModule(config: MonitorConfig, runtime: Runtime): Promise<DynamicModule> {
  const { logger: log, metrics, scrubber } = runtime;
  const copy = await openUsableCopy(config, runtime, ['project', 'backend', 'credential']);
  const configured = configuredBy(settingsSource(copy, config.slipwayFile, scrubber));
  const ring = openKeyRing(config.keyRing);
  const { backends } = await loadPlugins(config.plugins);
  const kinds = [...backendKinds, ...backends];
  const dataSource = await openServiceDatabase(storage, config, runtime);
  const parts = [
    { provide: REGISTRY_COPY, useValue: copy },
    { provide: CONFIGURED, useValue: configured },
    { provide: DATA_SOURCE, useValue: dataSource },
    {
      provide: MONITOR,
      inject: [BUS],
      useFactory: (bus: Bus) => new Monitor({ config, configured, kinds, dataSource, bus, metrics, log }),
    },
    { provide: BACKGROUND_WORK, useExisting: MONITOR },
    { provide: LEDGER, inject: [MONITOR], useFactory: ({ ledger }: Monitor) => ledger },
    { provide: GROUPS, inject: [MONITOR], useFactory: ({ groups }: Monitor) => groups },
  ];
  return {
    module: BackgroundModule,
    global: true,
    imports: [
      BusModule.forRoot({ ...runtime, url: config.amqpUrl, service: runtime.name }),
      WorkerModule.of(config, ring, log),
      ApiModule.of(ring, log),
    ],
    controllers: [AttemptsController],
    providers: parts,
    exports: parts.map(({ provide }) => provide),
  };
}

import { attachBus } from '#bus';
import { runService } from '#service';
import { config } from './config.js';
import { monitorModule } from './monitor.module.js';

await runService({
  name: 'status-monitor',
  description:
    'Follows grid jobs to their end: hears from the jobs themselves and asks the batch systems, keeps the ledger of jobs and attempts, finds the stalled and the lost, decides on retries, and serves states, logs and outputs.',
  config,
  module: monitorModule,
  prepare: (app) => void attachBus(app),
});

import { attachBus } from '#bus';
import { runService } from '#service';
import { config } from './config.js';
import type { WorkerEdge } from './http/worker/worker-edge.js';
import { addWorkerRoutes } from './http/worker/worker-routes.js';
import { monitorModule } from './monitor.module.js';
import { WORKER_EDGE } from './tokens.js';

await runService({
  name: 'status-monitor',
  description:
    'Follows grid jobs to their end: hears from the jobs themselves and asks the batch systems, keeps the ledger of jobs and attempts, finds the stalled and the lost, decides on retries, and serves states, logs and outputs.',
  config,
  module: monitorModule,
  // The outputs of a job take their time; each route watches over how slow its own bodies are.
  fastify: { requestTimeout: 6 * 3_600_000, keepAliveTimeout: 75_000 },
  prepare: (app, _config, { logger }) => {
    attachBus(app);
    addWorkerRoutes(app.getHttpAdapter().getInstance(), app.get<WorkerEdge>(WORKER_EDGE), logger);
  },
});

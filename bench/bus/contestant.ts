import * as amqplib from './amqplib.js';
import type { Figures, Job } from './message.js';
import * as slipway from './slipway.js';

/** One measurement in a process of its own, so that nobody inherits another's compiled code or garbage. */
const contestants: Record<string, (job: Job) => Promise<Figures>> = {
  'slipway publish': slipway.publish,
  'slipway consume': slipway.consume,
  'slipway consume-plain': slipway.consumePlain,
  'amqplib publish': amqplib.publish,
  'amqplib consume': amqplib.consume,
};

process.once('message', (job: Job & { readonly contestant: string }) => {
  const measure = contestants[job.contestant];
  if (!measure) throw new Error(`no contestant ${job.contestant}`);
  void measure(job).then((figures) => process.send?.(figures, () => process.exit(0)));
});

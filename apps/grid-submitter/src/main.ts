import { attachBus } from '#bus';
import { runService } from '#service';
import { config } from './config.js';
import { submitterModule } from './submitter.module.js';

await runService({
  name: 'grid-submitter',
  description:
    'Hands jobs to batch systems: hears of groups of jobs on the bus, checks who may run what, submits each attempt once, whatever crashes when, and cancels what is not wanted any more.',
  config,
  module: submitterModule,
  prepare: (app) => void attachBus(app),
});

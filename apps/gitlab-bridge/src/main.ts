import { attachBus } from '#bus';
import { runService } from '#service';
import { bridgeModule } from './bridge.module.js';
import { config } from './config.js';

await runService({
  name: 'gitlab-bridge',
  description:
    'A runner of GitLab whose jobs run on the grid: asks GitLab for CI jobs, hands them in as grid jobs, and tells GitLab how they go: trace, state, exit code and artifacts.',
  config,
  module: bridgeModule,
  prepare: (app) => void attachBus(app),
});

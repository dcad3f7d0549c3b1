import { attachBus } from '#bus';
import { runService } from '#service';
import { config } from './config.js';
import { fastifyOptions, prepareHttp } from './http/prepare-http.js';
import { registryModule } from './registry.module.js';

await runService({
  name: 'registry',
  description:
    'Keeps projects, credentials, image rules and all else that admins register; serves the API and the page, and announces every change.',
  config,
  module: registryModule,
  nest: { bodyParser: false },
  fastify: fastifyOptions,
  prepare: async (app) => {
    attachBus(app);
    await prepareHttp(app);
  },
});

import { runService } from '#service';
import { config } from './config.js';
import { RelayModule } from './relay.module.js';

await runService({
  name: 'webhook-relay',
  description:
    'Verifies the deliveries of registries, GitLab and other senders of webhooks, and publishes what they say.',
  config,
  module: (values, runtime) => RelayModule.forRoot(values, runtime),
  nest: { bodyParser: false },
  // A sender that trickles its request keeps a connection, and memory, for no longer than this.
  fastify: {
    requestTimeout: 60_000,
    keepAliveTimeout: 75_000,
    // A token in a path may be as long as its administrator likes.
    routerOptions: { maxParamLength: 1_024 },
  },
});

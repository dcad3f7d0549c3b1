import { attachBus } from '#bus';
import { runService } from '#service';
import { config } from './config.js';
import { publisherModule } from './publisher.module.js';

await runService({
  name: 'cvmfs-publisher',
  description:
    'Publishes container images as directory trees in CVMFS repositories: hears of pushed images on the bus, fetches their layers, unpacks them and commits the tree in one CVMFS transaction.',
  config,
  module: publisherModule,
  prepare: (app) => void attachBus(app),
});

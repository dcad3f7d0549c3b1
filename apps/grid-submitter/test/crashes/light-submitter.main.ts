import { openDatabase } from '#database';
import { temporary } from '#errors';
import { backendKinds, loadPlugins } from '#grid';
import { createLogger, createMetrics, createScrubber } from '#service';
import { settingsSource } from '#settings';
import { configuredBy } from '../../src/configured.js';
import { config } from '../../src/config.js';
import { storage } from '../../src/storage/index.js';
import { Submitter } from '../../src/submitter.js';

/**
 * The submitter without Nest, HTTP and broker, so that it starts quickly enough to be killed a thousand times: what it
 * has to say stays in its outbox.
 */
const values = config.read(process.env);
const scrubber = createScrubber();
const { backends } = await loadPlugins(values.plugins);
const dataSource = await openDatabase({ ...storage, url: values.postgresUrl, schema: values.schema });
const submitter = new Submitter({
  config: values,
  configured: configuredBy(settingsSource(undefined, values.slipwayFile, scrubber)),
  kinds: [...backendKinds, ...backends],
  dataSource,
  bus: { publish: () => Promise.reject(temporary('bus.unavailable', 'there is no broker')) },
  log: createLogger({ service: 'grid-submitter', level: 'error', scrubber }),
  metrics: createMetrics('grid-submitter', '0'),
});
submitter.start();
process.stdin.on('end', () => process.exit(0)).resume();

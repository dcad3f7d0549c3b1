import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendResource } from '#contracts';
import { backendKinds, openBackend } from '#grid';
import { itConforms } from './conformance.js';

let directory = '';

itConforms({
  name: 'local',
  transfers: true,
  runs: true,
  throttles: true,
  open: async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-local-'));
    const settings = backendResource.schema.parse({ name: 'here', kind: 'local' });
    const logger = { info: () => undefined, warn: () => undefined };
    return { backend: await openBackend(backendKinds, { settings, house: 'test', directory, logger }) };
  },
  // The supervisor may be writing down a last status still.
  close: () => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
});

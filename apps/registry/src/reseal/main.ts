import { openDatabase } from '#database';
import { toAppError } from '#errors';
import { openKeyRing } from '#secrets';
import { helpText } from '#service';
import { Companions } from '../changes/companion.js';
import { ResourceChanges } from '../changes/resource-changes.js';
import { CredentialSecrets } from '../credentials/credential-secrets.js';
import { AuditStore } from '../storage/audit.store.js';
import { storage } from '../storage/index.js';
import { ResourceStore } from '../storage/resource.store.js';
import { config, readEnvironment } from './config.js';
import { reseal } from './reseal.js';

const description =
  'Seals every secret of the registry under the first key of SLIPWAY_KEY_RING; the others still open. Once it has ended with 0, and all services run with the new ring, the old key can go. May run beside the registry.';

async function run(): Promise<number> {
  const settings = readEnvironment();
  const ring = openKeyRing(settings.keyRing);
  const database = { ...storage, url: settings.postgresUrl, schema: settings.schema, poolSize: 2 };
  const dataSource = await openDatabase(database);
  try {
    const store = new ResourceStore(dataSource);
    const companions = new Companions();
    companions.add(new CredentialSecrets(ring));
    const audit = new AuditStore(dataSource);
    // A running registry finds what is to be said within a second; one that is stopped says it when it starts.
    const outbox = { wake: () => undefined };
    const changes = new ResourceChanges({ dataSource, store, audit, companions, outbox });
    const { resealed, failed } = await reseal({ dataSource, changes, store, ring });
    process.stdout.write(`${resealed} credentials sealed anew under the key "${ring.keyIds[0]}"\n`);
    for (const { name, reason } of failed) process.stderr.write(`${name}: ${reason}\n`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    await dataSource.destroy();
  }
}

if (process.argv.includes('--help')) {
  process.stdout.write(helpText({ name: 'reseal', description, settings: config.settings }));
} else {
  process.exitCode = await run().catch((error: unknown) => {
    process.stderr.write(`reseal: ${toAppError(error).message}\n`);
    return 1;
  });
}

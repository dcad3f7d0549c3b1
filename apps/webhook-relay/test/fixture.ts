import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A published payload, byte for byte; see fixtures/README.md. */
export function fixture(name: string): Buffer {
  // Fixtures are not compiled: they are beside the sources, and tests run from the top of the project.
  return readFileSync(join(process.cwd(), 'apps/webhook-relay/fixtures', name));
}

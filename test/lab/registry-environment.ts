import { newBootstrapKey, newKeyRing, partnersEnvironment } from '#embedded';
import { isolatedSchema } from './isolated-schema.js';
import { isolatedVhost } from './isolated-vhost.js';

/** What a registry of a test file's own is started with. */
export interface RegistryEnvironment {
  readonly amqpUrl: string;
  readonly postgresUrl: string;
  readonly schema: string;
  /** Makes the first admin's key, once. */
  readonly bootstrapKey: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A broker and a database of the test file's own, and secrets that nobody else has; give `import.meta.url`. */
export async function registryEnvironment(testPath: string): Promise<RegistryEnvironment> {
  const [{ url: amqpUrl }, { url: postgresUrl, schema }] = await Promise.all([
    isolatedVhost(testPath),
    isolatedSchema(testPath),
  ]);
  const bootstrapKey = newBootstrapKey();
  const env = {
    ...partnersEnvironment({ amqpUrl, keyRing: newKeyRing('test'), postgres: { url: postgresUrl, schema } }),
    SLIPWAY_BOOTSTRAP_KEY: bootstrapKey,
  };
  return { amqpUrl, postgresUrl, schema, bootstrapKey, env };
}

import { isolatedSchema, isolatedVhost, spawnService, type SpawnedService, type SpawnOptions } from '#lab';

/** What copies of the registry need: a broker and a database of the test file's own. */
export interface RegistryWorld {
  readonly amqpUrl: string;
  readonly postgresUrl: string;
  readonly schema: string;
  /** The environment of a copy. */
  readonly env: Readonly<Record<string, string>>;
  start(more?: Readonly<Record<string, string>>, options?: SpawnOptions): Promise<SpawnedService>;
}

/** Give `import.meta.url`. */
export async function registryWorld(testPath: string): Promise<RegistryWorld> {
  const { url: amqpUrl } = await isolatedVhost(testPath);
  const { url: postgresUrl, schema } = await isolatedSchema(testPath);
  const env = {
    SLIPWAY_HTTP_HOST: '127.0.0.1',
    SLIPWAY_AMQP_URL: amqpUrl,
    SLIPWAY_POSTGRES_URL: postgresUrl,
    SLIPWAY_POSTGRES_SCHEMA: schema,
  };
  return {
    amqpUrl,
    postgresUrl,
    schema,
    env,
    start: (more = {}, options = {}) => spawnService('registry', { ...env, ...more }, options),
  };
}

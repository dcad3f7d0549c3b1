import { randomBytes } from 'node:crypto';
import { isolatedSchema, isolatedVhost, spawnService, type SpawnedService, type SpawnOptions } from '#lab';
import { type Answered, askingWith } from './asking.js';

/** What copies of the registry need: a broker and a database of the test file's own. */
export interface RegistryWorld {
  readonly amqpUrl: string;
  readonly postgresUrl: string;
  readonly schema: string;
  /** The environment of a copy. */
  readonly env: Readonly<Record<string, string>>;
  /** The one-time key; `adminKey` uses it up. */
  readonly bootstrapKey: string;
  start(more?: Readonly<Record<string, string>>, options?: SpawnOptions): Promise<SpawnedService>;
  /** An admin's API key; the same one each time. */
  adminKey(copy: Pick<SpawnedService, 'url'>): Promise<string>;
}

/** Give `import.meta.url`. */
export async function registryWorld(testPath: string): Promise<RegistryWorld> {
  const { url: amqpUrl } = await isolatedVhost(testPath);
  const { url: postgresUrl, schema } = await isolatedSchema(testPath);
  const bootstrapKey = `slw_bootstrap_${randomBytes(32).toString('base64url')}`;
  const env = {
    SLIPWAY_HTTP_HOST: '127.0.0.1',
    SLIPWAY_AMQP_URL: amqpUrl,
    SLIPWAY_POSTGRES_URL: postgresUrl,
    SLIPWAY_POSTGRES_SCHEMA: schema,
    SLIPWAY_KEY_RING: `test:${randomBytes(32).toString('base64')}`,
    SLIPWAY_BOOTSTRAP_KEY: bootstrapKey,
  };
  let admin: Promise<string> | undefined;
  return {
    amqpUrl,
    postgresUrl,
    schema,
    env,
    bootstrapKey,
    start: (more = {}, options = {}) =>
      // A busy machine takes long to start several copies at once; what is waited for is that they do.
      spawnService('registry', { ...env, ...more }, { readyDeadlineMs: 120_000, ...options }),
    adminKey: ({ url }) => (admin ??= makeAdminKey(url, bootstrapKey)),
  };
}

async function makeAdminKey(url: string, bootstrapKey: string): Promise<string> {
  const answer: Answered = await askingWith(url, bootstrapKey)('POST', '/api/v1/api-keys', {
    name: 'admin of the test',
    role: 'admin',
  });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.text}`);
  return String((answer.body as { key: unknown }).key);
}

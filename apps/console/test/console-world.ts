import { isolatedSchema, isolatedVhost, spawnService } from '#lab';
import { builtConsole } from './built-console.js';

/** A real registry with its broker and database, which serves the page as it was built. */
export interface ConsoleWorld {
  readonly url: string;
  close(): Promise<void>;
}

/** Give `import.meta.url`. */
export async function consoleWorld(testPath: string): Promise<ConsoleWorld> {
  builtConsole();
  const { url: amqpUrl } = await isolatedVhost(testPath);
  const { url: postgresUrl, schema } = await isolatedSchema(testPath);
  const registry = await spawnService('registry', {
    SLIPWAY_HTTP_HOST: '127.0.0.1',
    SLIPWAY_AMQP_URL: amqpUrl,
    SLIPWAY_POSTGRES_URL: postgresUrl,
    SLIPWAY_POSTGRES_SCHEMA: schema,
  });
  return { url: registry.url, close: () => registry.kill() };
}

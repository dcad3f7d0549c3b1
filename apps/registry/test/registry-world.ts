import {
  type RegistryEnvironment,
  registryEnvironment,
  spawnService,
  type SpawnedService,
  type SpawnOptions,
} from '#lab';
import { type Answered, askingWith } from './asking.js';

/** What copies of the registry need, and they themselves; `adminKey` uses the one-time key up. */
export interface RegistryWorld extends RegistryEnvironment {
  start(more?: Readonly<Record<string, string>>, options?: SpawnOptions): Promise<SpawnedService>;
  /** An admin's API key; the same one each time. */
  adminKey(copy: Pick<SpawnedService, 'url'>): Promise<string>;
}

/** Give `import.meta.url`. */
export async function registryWorld(testPath: string): Promise<RegistryWorld> {
  const environment = await registryEnvironment(testPath);
  const { env, bootstrapKey } = environment;
  let admin: Promise<string> | undefined;
  return {
    ...environment,
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

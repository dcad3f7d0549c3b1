import type { Page } from 'playwright-core';
import { registryEnvironment, spawnService } from '#lab';
import { builtConsole } from './built-console.js';

/** A real registry with its broker and database, which serves the page as it was built. */
export interface ConsoleWorld {
  readonly url: string;
  readonly amqpUrl: string;
  /** An admin's API key. */
  readonly adminKey: string;
  /** Asks the API as an admin; throws unless it succeeds. */
  readonly ask: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<unknown>;
  /** Ends the registry as if it had crashed, and starts it again at the same address once `meanwhile` is done. */
  readonly restart: (meanwhile: () => Promise<void>) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Give `import.meta.url`; and what the registry is told besides, in its environment. */
export async function consoleWorld(
  testPath: string,
  more: Readonly<Record<string, string>> = {},
): Promise<ConsoleWorld> {
  builtConsole();
  const { amqpUrl, bootstrapKey, env: own } = await registryEnvironment(testPath);
  const env = { ...own, ...more };
  let registry = await spawnService('registry', env);
  const { url } = registry;
  const port = new URL(url).port;
  const wanted = { name: 'Ada', role: 'admin' };
  const made = await asking(url, bootstrapKey)('POST', '/api/v1/api-keys', wanted);
  const adminKey = String((made as { readonly key: unknown }).key);
  return {
    url,
    amqpUrl,
    adminKey,
    ask: asking(url, adminKey),
    restart: async (meanwhile) => {
      await registry.kill('SIGKILL');
      await meanwhile();
      registry = await spawnService('registry', { ...env, SLIPWAY_HTTP_PORT: port });
    },
    close: () => registry.kill(),
  };
}

function asking(url: string, key: string): ConsoleWorld['ask'] {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

/** Signs in on the page, by the key. */
export async function signIn(page: Page, key: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('API key', { exact: true }).fill(key);
  await page.getByRole('button', { name: 'Sign in with the key' }).click();
  await page.getByRole('heading', { level: 1, name: 'Projects' }).waitFor();
}

import { derivedName } from './derived-name.js';
import { sharedServer } from './servers.js';

/** A virtual host of the run's RabbitMQ that belongs to one test file. */
export interface IsolatedVhost {
  /** Address with an administrator's user and password and the vhost in it. */
  readonly url: string;
  readonly vhost: string;
  /**
   * Asks the management plugin: a path below `/api/` in which `%v` stands for the vhost, as in `queues/%v/orders`.
   * Throws on any other answer than 2xx; its figures lag by up to 5 s, so wait for them.
   */
  readonly api: (method: string, path: string, body?: object) => Promise<unknown>;
  /** Drops the vhost with all that is in it, as if the operator did. */
  remove(): Promise<void>;
}

/** Makes the test file's vhost anew; give `import.meta.url`, and a further word for each when one file needs several. */
export async function isolatedVhost(testPath: string, suffix = ''): Promise<IsolatedVhost> {
  const server = await sharedServer('rabbitmq');
  const vhost = derivedName(testPath + suffix, '-');
  const url = new URL(server.url);
  const api = managementApi(server.managementUrl ?? '', url, vhost);
  await api('DELETE', 'vhosts/%v').catch(() => {
    // There was none: the usual case on a fresh server.
  });
  await api('PUT', 'vhosts/%v', {});
  await api('PUT', `permissions/%v/${url.username}`, { configure: '.*', write: '.*', read: '.*' });
  url.pathname = `/${encodeURIComponent(vhost)}`;
  return {
    url: url.href,
    vhost,
    api,
    remove: async () => {
      await api('DELETE', 'vhosts/%v');
    },
  };
}

function managementApi(base: string, { username, password }: URL, vhost: string): IsolatedVhost['api'] {
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return async (method, path, body) => {
    const response = await fetch(`${base}/api/${path.replaceAll('%v', encodeURIComponent(vhost))}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} from ${method} ${path}: ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
}

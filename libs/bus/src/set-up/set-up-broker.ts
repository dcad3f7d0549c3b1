import { setTimeout as delay } from 'node:timers/promises';
import { connectionWords, temporary } from '#errors';
import { connectBus } from '../bus.js';
import { type BusLogger, defaultHouse } from '../options.js';
import { permissionsOf, topicPermissionsOf } from '../permissions.js';
import type { House } from '../topology.js';

/** Which broker is set up for whom. A service's user and password are made as its address has them. */
export interface BrokerSetUp {
  /** An administrator's address; exchanges and queues are made in its vhost. */
  readonly url: string;
  /** Base address of the management plugin. */
  readonly managementUrl: string;
  /** The services, each with the address that it will use: user and password are taken from there. */
  readonly services: Readonly<Record<string, string>>;
  readonly logger: BusLogger;
  readonly house?: House;
  /** How long to wait for the broker, in milliseconds; a minute unless told. */
  readonly deadlineMs?: number;
}

/**
 * Makes exchanges and queues, and a user for each service that may write what the service says, read its own queues,
 * and declare nothing but what its copies listen at. Does no harm a second time; a changed password is taken over.
 * Throws temporary `bus.unavailable`, of its management too, or `bus.set_up_refused` with the management plugin's answer.
 */
export async function setUpBroker(setUp: BrokerSetUp): Promise<void> {
  await declareTopology(setUp);
  const vhost = new URL(setUp.url).pathname.slice(1) || '%2F';
  for (const [service, url] of Object.entries(setUp.services)) {
    const { username, password } = new URL(url);
    await put(setUp, `users/${username}`, { password: decodeURIComponent(password), tags: '' });
    const house = setUp.house ?? defaultHouse;
    await put(setUp, `permissions/${vhost}/${username}`, permissionsOf(service, house));
    for (const permissions of topicPermissionsOf(service, house))
      await put(setUp, `topic-permissions/${vhost}/${username}`, permissions);
    setUp.logger.info({ service }, 'the broker knows the service');
  }
}

async function declareTopology({ url, logger, house, deadlineMs = 60_000 }: BrokerSetUp): Promise<void> {
  const bus = connectBus({ url, service: 'set-up', logger, ...(house && { house }) });
  const deadline = Date.now() + deadlineMs;
  try {
    await bus.started();
    while (!bus.state().ready) {
      if (Date.now() > deadline) throw temporary('bus.unavailable', `no broker: ${bus.state().reason ?? ''}`);
      await delay(100);
    }
  } finally {
    await bus.close();
  }
}

async function put({ url, managementUrl }: BrokerSetUp, path: string, body: object): Promise<void> {
  const { username, password } = new URL(url);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const response = await fetch(`${managementUrl}/api/${path}`, {
    method: 'PUT',
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    const { host } = new URL(managementUrl);
    const text = `the broker's management at ${host} cannot be used: ${connectionWords(cause)}`;
    throw temporary('bus.unavailable', text, { cause });
  });
  const text = await response.text();
  if (!response.ok) throw temporary('bus.set_up_refused', `${response.status} for ${path}: ${text}`);
}

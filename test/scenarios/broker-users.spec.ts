import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directoryEnvironment, newBootstrapKey, partnersEnvironment } from '#embedded';
import {
  isolatedSchema,
  isolatedVhost,
  sharedServer,
  spawnService,
  waitFor,
  type SpawnedService,
} from '#lab';
import { keyRingText } from '../stand-ins/registry.js';

// Real: registry and relay as processes, RabbitMQ with the users that `set-up-broker` makes, PostgreSQL.
describe('services with no more rights on the broker than set-up-broker gives them', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-users-'));
  const services: SpawnedService[] = [];

  afterAll(async () => {
    await Promise.all(services.map((service) => service.kill('SIGKILL')));
    rmSync(directory, { recursive: true, force: true });
  });

  it('announce and learn changes, ask what they missed, and look after dead letters', async () => {
    chmodSync(directory, 0o755);
    const vhost = await isolatedVhost(import.meta.url);
    const { managementUrl = '' } = await sharedServer('rabbitmq');
    const addressOf = (service: string): string => {
      const url = new URL(vhost.url);
      url.username = `users-${service}`;
      url.password = randomBytes(12).toString('hex');
      mkdirSync(join(directory, 'services', service), { recursive: true });
      writeFileSync(join(directory, 'services', service, 'amqp-url'), url.href);
      return url.href;
    };
    const addresses = { registry: addressOf('registry'), 'webhook-relay': addressOf('webhook-relay') };
    writeFileSync(join(directory, 'admin'), vhost.url);
    const setUp = spawn(process.execPath, [join(process.cwd(), 'dist/libs/bus/src/set-up/main.js')], {
      env: {
        SLIPWAY_AMQP_URL_FILE: join(directory, 'admin'),
        SLIPWAY_AMQP_MANAGEMENT_URL: managementUrl,
        SLIPWAY_SERVICES_DIRECTORY: join(directory, 'services'),
      },
      stdio: 'ignore',
    });
    expect(await once(setUp, 'exit')).toEqual([0, null]);

    const postgres = await isolatedSchema(import.meta.url);
    const bootstrap = newBootstrapKey();
    const registry = await spawnService('registry', {
      ...partnersEnvironment({ amqpUrl: addresses.registry, keyRing: keyRingText, postgres }),
      SLIPWAY_BOOTSTRAP_KEY: bootstrap,
    });
    services.push(registry);
    const ask = async <T>(token: string, method: string, path: string, body?: object): Promise<T> => {
      const response = await fetch(`${registry.url}/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status} from ${method} ${path}: ${text}`);
      return JSON.parse(text) as T;
    };
    const { key } = await ask<{ key: string }>(bootstrap, 'POST', 'api-keys', {
      name: 'test',
      role: 'admin',
    });
    const source = (name: string): object => ({ name, kind: 'gitlab', secrets: [{ credential: 'hook' }] });
    const secret = 'a secret of a hook';
    await ask(key, 'POST', 'credentials', { name: 'hook', type: 'webhook-secret', secret });
    await ask(key, 'POST', 'sources', source('before'));
    const relay = await spawnService('webhook-relay', {
      ...directoryEnvironment(directory),
      ...partnersEnvironment({ amqpUrl: addresses['webhook-relay'], keyRing: keyRingText }),
      SLIPWAY_REGISTRY: 'on',
    });
    services.push(relay);
    await ask(key, 'POST', 'sources', source('after'));
    for (const name of ['before', 'after']) {
      const known = async (): Promise<boolean> =>
        (await fetch(`${relay.url}/hooks/${name}`, { method: 'POST', body: '{}' })).status === 401;
      await waitFor(known, { what: `the source ${name}` });
    }
    expect(await ask<{ items: unknown[] }>(key, 'GET', 'dead-letters')).toMatchObject({ items: [] });
    expect([...registry.logs(), ...relay.logs()].join('\n')).not.toContain('ACCESS_REFUSED');
  });
});

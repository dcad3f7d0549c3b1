import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnosis, Finding } from '#api';
import { listenOnFreePort } from '#embedded';
import { type SpawnedService, spawnService, waitFor } from '#lab';
import { type Asking, askingWith } from './asking.js';
import { registryWorld } from './registry-world.js';

// Real: RabbitMQ, PostgreSQL, registry and relay as processes, and servers that speak HTTP.
describe('the diagnosis', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-diagnosis-'));
  const services: SpawnedService[] = [];
  const servers: Server[] = [];
  let env: Readonly<Record<string, string>>;
  let ask: Asking;

  beforeAll(async () => {
    const world = await registryWorld(import.meta.url);
    ({ env } = world);
    const registry = await world.start();
    services.push(registry);
    ask = askingWith(registry.url, await world.adminKey(registry));
  }, 240_000);
  afterAll(async () => {
    await Promise.all(services.map((service) => service.kill('SIGKILL')));
    for (const server of servers) server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const answering = async (status: number): Promise<string> => {
    const server = createServer((_request, response) => response.writeHead(status).end());
    servers.push(server);
    return `http://127.0.0.1:${await listenOnFreePort(server)}`;
  };
  const found = async (name: string): Promise<Finding | undefined> =>
    ((await ask('GET', '/api/v1/diagnosis')).body as Diagnosis).items.find((one) => one.name === name);
  const backend = async (name: string, spec: object): Promise<void> => {
    const { status, text } = await ask('POST', '/api/v1/backends', { name, ...spec });
    if (status !== 201) throw new Error(text);
  };

  it('tells which copies of a service ask for what they missed', async () => {
    const name = 'copies of webhook-relay';
    expect(await found(name)).toMatchObject({ ok: true, detail: expect.stringMatching(/^none/) as string });
    for (const n of [1, 2]) {
      const state = { SLIPWAY_REGISTRY: 'on', SLIPWAY_STATE_DIRECTORY: join(directory, String(n)) };
      services.push(await spawnService('webhook-relay', { ...env, ...state }));
    }
    await waitFor(async () => (await found(name))?.detail.startsWith('2 heard') === true, {
      what: 'both copies',
    });
    expect(await found(name)).toMatchObject({ ok: true });
    expect((await found('copies of cvmfs-publisher'))?.detail).toMatch(/^none/);
  });

  it('asks backends that have an address, and says who checks the others', async () => {
    expect(await found('backends')).toMatchObject({ detail: 'none is registered' });
    const away = await answering(200);
    servers.pop()?.close();
    await backend('here', { kind: 'local' });
    await backend('pool', { kind: 'htcondor' });
    await backend('closed', { kind: 'diracx', vo: 'grid', group: 'user', url: await answering(401) });
    await backend('broken', { kind: 'slurm', url: await answering(502) });
    await backend('away', { kind: 'slurm', url: away });
    expect(await found('backend here')).toMatchObject({ ok: true });
    expect((await found('backend pool'))?.detail).toContain('grid-submitter');
    expect(await found('backend closed')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('answers (401)') as string,
    });
    expect(await found('backend broken')).toMatchObject({ ok: false });
    expect(await found('backend away')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('does not answer: nothing listens there (ECONNREFUSED)') as string,
      advice: expect.stringContaining('firewall') as string,
    });
  });
});

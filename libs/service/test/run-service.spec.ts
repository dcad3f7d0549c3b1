import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#embedded';
import { waitFor } from '#lab';
import { logLines, type SpawnedService, spawnTiny } from './spawned-service.js';

const running: SpawnedService[] = [];
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-service-'));
});

afterEach(async () => {
  for (const service of running.splice(0)) {
    service.child.kill('SIGKILL');
    await service.exited;
  }
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function spawn(...args: Parameters<typeof spawnTiny>): SpawnedService {
  const service = spawnTiny(...args);
  running.push(service);
  return service;
}

async function start(
  environment?: Record<string, string>,
): Promise<{ service: SpawnedService; url: string }> {
  const service = spawn({ SLIPWAY_HTTP_PORT: String(await freePort()), ...environment });
  await service.logged('started');
  return { service, url: String((await service.logged('listening'))['url']) };
}

async function untilAnswered(url: string): Promise<void> {
  await waitFor(() => fetch(url).then(() => true), { deadlineMs: 15_000, what: `an answer of ${url}` });
}

describe('a service on the command line', () => {
  it('shows every setting with --help, without the value of a secret', async () => {
    const service = spawn({ TINY_PASSWORD: 'hunter2hunter2' }, ['--help']);
    expect(await service.exited).toEqual({ code: 0, signal: null });
    expect(service.stdout()).toContain('SLIPWAY_HTTP_PORT  (default: 8080)');
    expect(service.stdout()).toContain('TINY_PASSWORD  (optional; or TINY_PASSWORD_FILE');
    expect(service.stdout()).not.toContain('hunter2');
  });

  it('shows its version with --version', async () => {
    const service = spawn({}, ['--version']);
    await service.exited;
    expect(service.stdout()).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('refuses an argument that it does not know, instead of starting', async () => {
    const service = spawn({}, ['--halp']);
    expect(await service.exited).toEqual({ code: 2, signal: null });
    expect(service.stderr()).toContain('tiny: takes no argument --halp');
  });

  it('names every setting at fault at once, shows no secret, and exits 78', async () => {
    const service = spawn({ SLIPWAY_HTTP_PORT: 'eighty', SLIPWAY_LOG_LEVEL: 'loud', TINY_PASSWORD: 'short' });
    expect(await service.exited).toEqual({ code: 78, signal: null });
    expect(service.stderr()).toContain(
      'SLIPWAY_HTTP_PORT: expected a whole number from 0 to 65535, got "eighty"',
    );
    expect(service.stderr()).toContain('SLIPWAY_LOG_LEVEL: ');
    expect(service.stderr()).toContain('TINY_PASSWORD: expected at least 8 characters\n');
    expect(service.stderr()).not.toContain('short');
  });
});

describe('a running service', () => {
  it('listens on a free port where told 0, answers, and tells its health and metrics', async () => {
    const { url } = await start({ SLIPWAY_HTTP_PORT: '0' });
    expect(await (await fetch(`${url}/greeting`)).text()).toBe('hello');
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ status: 'ready', checks: { broker: 'ok', start: 'ok' } });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('slipway_build_info{service="tiny"');
    expect(metrics).toContain('process_cpu_seconds_total');
  });

  it('answers 503 with the failing check, without the password in its reason', async () => {
    const { url } = await start();
    await fetch(`${url}/break`);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      status: 'not ready',
      checks: { broker: 'no connection to amqp://[redacted]@broker', start: 'ok' },
    });
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it('logs JSON lines with the trace, and no secret in any of them', async () => {
    const path = join(directory, 'password');
    await writeFile(path, 'hunter2"hunter2\n');
    const { service, url } = await start({ TINY_PASSWORD_FILE: path });
    await fetch(`${url}/log?text=${encodeURIComponent('see https://u:pass@host/x?token=t0ken&a=b')}`);
    expect(await service.logged('said')).toMatchObject({
      level: 'info',
      service: 'tiny',
      password: '[redacted]',
      text: 'see https://[redacted]@host/x?token=[redacted]&a=b [redacted]',
      nested: { token: '[redacted]' },
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
    });
    expect(service.stdout()).not.toContain('hunter2');
  });
});

describe('a service that starts', () => {
  it('tells that it lives and is not ready while it waits for something, and stops when told', async () => {
    const port = await freePort();
    const service = spawn({ TINY_ASSEMBLY: 'hangs', SLIPWAY_HTTP_PORT: String(port) });
    const url = `http://127.0.0.1:${port}`;
    await untilAnswered(`${url}/health/live`);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: { start: 'still starting' } });
    expect((await fetch(`${url}/greeting`, { method: 'POST' })).status).toBe(503);
    service.child.kill('SIGTERM');
    expect(await service.exited).toEqual({ code: 0, signal: null });
  });

  it('takes over the port from what answered meanwhile', async () => {
    const port = await freePort();
    const { url } = await start({ SLIPWAY_HTTP_PORT: String(port) });
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(await (await fetch(`${url}/greeting`)).text()).toBe('hello');
  });

  it.each([
    ['refused', 78, 'no such thing'],
    ['fails', 1, 'no luck'],
  ])('and cannot (%s) exits %s and logs why', async (outcome, code, message) => {
    const service = spawn({ TINY_ASSEMBLY: outcome });
    expect(await service.exited).toEqual({ code, signal: null });
    const line = logLines(service.stdout()).find((entry) => entry['msg'] === 'cannot start');
    expect(line).toMatchObject({ level: 'fatal', err: { message } });
  });

  it('and is told wrong says so in plain words too, without a stack', async () => {
    const service = spawn({ TINY_ASSEMBLY: 'refused' });
    await service.exited;
    expect(service.stderr()).toBe('tiny: cannot start\nno such thing\nSee docs/configuration.md.\n');
    expect(service.stdout()).not.toContain('"stack"');
  });

  it('says that its port is taken', async () => {
    const { url } = await start();
    const service = spawn({ SLIPWAY_HTTP_PORT: new URL(url).port });
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(service.stdout()).toContain('EADDRINUSE');
  });
});

describe('a service that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'finishes the request in progress on %s and exits 0',
    async (signal) => {
      const { service, url } = await start();
      const slow = fetch(`${url}/slow`);
      await service.logged('slow request began');
      service.child.kill(signal);
      expect(await (await slow).text()).toBe('done');
      expect(await service.exited).toEqual({ code: 0, signal: null });
      const messages = logLines(service.stdout()).map((line) => line['msg']);
      expect(messages.slice(-3)).toEqual(['shutting down', 'last hook', 'stopped']);
    },
  );

  it('exits 1 when work does not finish within the deadline', async () => {
    const { service, url } = await start({ SLIPWAY_SHUTDOWN_SECONDS: '1' });
    const stuck = fetch(`${url}/stuck`).catch(() => undefined);
    await service.logged('stuck request began');
    service.child.kill('SIGTERM');
    expect(await service.exited).toEqual({ code: 1, signal: null });
    await stuck;
  });

  it('exits at once on a second signal', async () => {
    const { service, url } = await start();
    const stuck = fetch(`${url}/stuck`).catch(() => undefined);
    await service.logged('stuck request began');
    service.child.kill('SIGTERM');
    await service.logged('shutting down');
    service.child.kill('SIGINT');
    expect(await service.exited).toEqual({ code: 130, signal: null });
    await stuck;
  });
});

describe('a defect', () => {
  it.each([
    ['throw', 'uncaught exception', 'a defect'],
    ['reject', 'unhandled rejection', 'a forgotten promise'],
  ])('that nobody caught (%s) is logged as fatal and ends the process', async (path, message, reason) => {
    const { service, url } = await start();
    await fetch(`${url}/${path}`).catch(() => undefined);
    expect(await service.exited).toEqual({ code: 1, signal: null });
    const line = logLines(service.stdout()).find((entry) => entry['msg'] === message);
    expect(line).toMatchObject({ level: 'fatal', err: { message: reason } });
  });
});

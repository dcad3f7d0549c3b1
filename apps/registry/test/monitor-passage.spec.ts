import { houseTokens } from '#access';
import { openKeyRing } from '#secrets';
import { waitFor, type SpawnedService } from '#lab';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenOnFreePort } from '#embedded';
import { registryWorld } from './registry-world.js';

const attempt = '00000000-0000-4000-8000-000000000001';

/** What of the monitor counts here: that it is asked the same, told who asks, and answers as it likes. */
describe('what people ask about jobs', () => {
  let monitor: Server;
  let registry: SpawnedService;
  let key = '';
  let ring = '';
  let asked: IncomingMessage[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeAll(async () => {
    monitor = createServer((request, response) => {
      asked.push(request);
      answer(request, response);
    });
    const port = await listenOnFreePort(monitor);
    const world = await registryWorld(import.meta.url);
    ring = world.env['SLIPWAY_KEY_RING'] ?? '';
    registry = await world.start({ SLIPWAY_MONITOR_URL: `http://127.0.0.1:${port}` });
    key = await world.adminKey(registry);
  }, 60_000);
  beforeEach(() => (asked = []));
  afterAll(async () => {
    await registry.kill('SIGKILL');
    monitor.closeAllConnections();
    monitor.close();
  });

  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${registry.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) },
    });

  it('goes to the monitor as it is, with a word on who asks in place of their key', async () => {
    answer = (_request, response) => {
      response.writeHead(206, { 'content-type': 'text/plain', 'content-range': 'bytes 2-3/9' }).end('cd');
    };
    const response = await ask(`/api/v1/attempts/${attempt}/log`, { headers: { range: 'bytes=2-3' } });
    expect([response.status, response.headers.get('content-range')]).toEqual([206, 'bytes 2-3/9']);
    expect(await response.text()).toBe('cd');
    expect(asked.map(({ url, headers }) => [url, headers.range])).toEqual([
      [`/api/v1/attempts/${attempt}/log`, 'bytes=2-3'],
    ]);
    const header = asked[0]?.headers.authorization;
    expect(header).not.toContain(key);
    expect(houseTokens(openKeyRing(ring)).open(header)).toMatchObject({ via: 'api-key', role: 'admin' });
  });

  it('is followed as it comes, until who follows goes away', async () => {
    const stream: { closed?: boolean; response?: ServerResponse } = {};
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 2\ndata: "ab"\n\n');
      response.on('close', () => (stream.closed = true));
    };
    const leave = new AbortController();
    const response = await ask(`/api/v1/attempts/${attempt}/log?follow=true`, { signal: leave.signal });
    const first = await response.body?.getReader().read();
    expect(Buffer.from(first?.value ?? []).toString()).toContain('data: "ab"');
    leave.abort();
    await waitFor(() => stream.closed, { what: 'the monitor to hear that nobody follows' });
  });

  it('keeps the monitor’s refusals as they are', async () => {
    answer = (_request, response) => {
      const problem = JSON.stringify({ status: 404, code: 'job.not_found', title: 'Not Found' });
      response.writeHead(404, { 'content-type': 'application/problem+json' }).end(problem);
    };
    const response = await ask(`/api/v1/jobs/${attempt}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'job.not_found' });
  });

  it('is answered 503 while the monitor is away', async () => {
    answer = (request) => request.socket.destroy();
    const response = await ask('/api/v1/groups');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'monitor.unavailable' });
  });
});

import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { freePort, listenOnFreePort } from '#embedded';
import { openKeyRing } from '#secrets';
import { MonitorClient } from './monitor.client.js';

const ring = openKeyRing(`test:${randomBytes(32).toString('base64')}`);

// Real: a port that nobody listens on.
describe('a monitor that is away', () => {
  it('is told of in words, and asked again', async () => {
    const monitor = new MonitorClient(`http://127.0.0.1:${await freePort()}`, ring);
    await expect(monitor.job('1')).rejects.toMatchObject({
      code: 'monitor.unreachable',
      temporary: true,
      message: 'the monitor cannot be reached: nothing listens there (ECONNREFUSED)',
    });
    await monitor.close();
  });
});

// Real: HTTP on the loopback address.
describe('a monitor of another version, or what stands before it', () => {
  let server: Server;
  let body: string;
  let monitor: MonitorClient;
  beforeAll(async () => {
    server = createServer((_request, response) => response.end(body));
    monitor = new MonitorClient(`http://127.0.0.1:${await listenOnFreePort(server)}`, ring);
  });
  afterAll(async () => {
    await monitor.close();
    server.close();
  });

  it.each([
    ['{"id":3}', 'id: expected text, got a number'],
    ['<html>Welcome</html>', 'it: expected fields, got text'],
  ])('is told of in words, and asked again: %s', async (said, words) => {
    body = said;
    await expect(monitor.job('1')).rejects.toMatchObject({
      code: 'monitor.unavailable',
      temporary: true,
      message: expect.stringContaining(`what the monitor answers is of another form: ${words}`) as string,
    });
  });
});

import { createServer } from 'node:http';
import { freePort, listenOnFreePort } from '#embedded';
import { isolatedVhost } from '#lab';
import { openConnection } from '../src/connecting.js';

// Real: RabbitMQ, an HTTP server where the broker is expected, and ports that nobody listens on.
describe('a broker that cannot be used is told by its address and a reason in words', () => {
  const http = createServer((_, response) => response.end());
  let right: URL;
  let httpPort: number;
  beforeAll(async () => {
    right = new URL((await isolatedVhost(import.meta.url)).url);
    httpPort = await listenOnFreePort(http);
  });
  afterAll(() => {
    http.closeAllConnections();
    http.close();
  });

  const wrong = (change: (url: URL) => void): string => {
    const url = new URL(right.href);
    change(url);
    return url.href;
  };
  const said = async (address: string): Promise<string> => {
    const error: unknown = await openConnection(address, 10, 'a test').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'bus.unavailable', temporary: true });
    return (error as Error).message;
  };
  const broker = (url = right): string => `the broker at amqp://${url.host}`;

  it('where nothing listens', async () => {
    const port = await freePort();
    expect(await said(wrong((url) => (url.port = String(port))))).toBe(
      `the broker at amqp://127.0.0.1:${port} cannot be used: nothing listens there (ECONNREFUSED)`,
    );
  });

  it('where the password is wrong, which is not repeated', async () => {
    expect(await said(wrong((url) => (url.password = 'hunter2')))).toBe(
      `${broker()} cannot be used: it refuses the user "${right.username}" with this password`,
    );
  });

  it('where there is no such vhost', async () => {
    expect(await said(wrong((url) => (url.pathname = '/nowhere')))).toBe(
      `${broker()} cannot be used: it has no vhost "nowhere", or the user "${right.username}" may not use it`,
    );
  });

  it('where something else answers, or no TLS', async () => {
    expect(await said(wrong((url) => (url.port = String(httpPort))))).toBe(
      `the broker at amqp://127.0.0.1:${httpPort} cannot be used: what answers there does not speak AMQP 0-9-1`,
    );
    expect(await said(right.href.replace('amqp:', 'amqps:'))).toBe(
      `the broker at amqps://${right.host} cannot be used: what answers there is no TLS: is the address to begin without the s? (ERR_SSL_WRONG_VERSION_NUMBER)`,
    );
  });
});

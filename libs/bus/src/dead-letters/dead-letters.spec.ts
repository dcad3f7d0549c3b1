import { createServer, type Server } from 'node:net';
import { freePort, listenOnFreePort } from '#embedded';
import { explained } from '../declare.js';
import { withBroker } from './dead-letters.js';

// Real: a port that nobody listens on, and a server that hangs up.
describe('a look at queues of a broker that cannot be used', () => {
  const rude: Server = createServer((socket) => socket.destroy());
  afterAll(() => void rude.close());
  const look = (...urls: readonly string[]): Promise<void> => withBroker(urls, () => Promise.resolve());

  it('tells its address, without the password, and the reason in words', async () => {
    const port = await freePort();
    await expect(look(`amqp://me:hunter2@127.0.0.1:${port}/slipway`)).rejects.toMatchObject({
      code: 'bus.unavailable',
      temporary: true,
      message: `the broker at amqp://127.0.0.1:${port} cannot be used: nothing listens there (ECONNREFUSED)`,
    });
  });

  it('tells of the last address where it was given several', async () => {
    const [nobody, hangsUp] = [await freePort(), await listenOnFreePort(rude)];
    await expect(look(`amqp://127.0.0.1:${nobody}`, `amqp://127.0.0.1:${hangsUp}`)).rejects.toMatchObject({
      message: expect.stringMatching(
        new RegExp(
          `^the broker at amqp://127\\.0\\.0\\.1:${hangsUp} cannot be used: (what answers there hung up|it broke)`,
        ),
      ) as string,
    });
  });

  it('tells in words too that a connection broke while it was used', () => {
    const broken = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(explained(broken).message).toBe(
      'the broker cannot be used: it broke the connection off (ECONNRESET)',
    );
  });
});

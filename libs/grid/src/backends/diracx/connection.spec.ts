import { createServer } from 'node:http';
import { freePort, listenOnFreePort } from '#embedded';
import { DiracxConnection } from './connection.js';

const signal = AbortSignal.timeout(60_000);

// Real: HTTP on the loopback address.
describe('a DiracX that cannot be used', () => {
  it('is told of by its address, and the reason in words', async () => {
    const port = await freePort();
    const asked = new DiracxConnection(`http://127.0.0.1:${port}/`).send(
      { method: 'GET', path: 'api/jobs' },
      signal,
    );
    await expect(asked).rejects.toMatchObject({
      code: 'grid.unavailable',
      temporary: true,
      message: `DiracX at 127.0.0.1:${port} cannot be used: nothing listens there (ECONNREFUSED)`,
    });
  });

  it('is told of by its reason alone where it is the object store, whose addresses are secrets', async () => {
    const store = createServer((_request, response) => response.writeHead(403).end());
    const [there, away] = [await listenOnFreePort(store), await freePort()];
    const download = (port: number): Promise<unknown> =>
      new DiracxConnection('http://127.0.0.1/').download(
        `http://127.0.0.1:${port}/a?signature=hunter2`,
        signal,
        () => Promise.resolve(),
      );
    await expect(download(away)).rejects.toMatchObject({
      message: "DiracX's object store cannot be used: nothing listens there (ECONNREFUSED)",
    });
    await expect(download(there)).rejects.toMatchObject({
      message: "DiracX's object store cannot be used: HTTP 403",
    });
    store.close();
  });
});

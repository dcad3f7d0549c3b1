import { createServer } from 'node:net';
import { freePort, listenOnFreePort } from '#embedded';
import { askAddress } from './address-probe.js';

// Real: a port that nobody listens on, and a server that hangs up.
describe('an address that does not answer', () => {
  it('is told of in words where nobody listens', async () => {
    expect(await askAddress(`http://127.0.0.1:${await freePort()}/`)).toEqual({
      status: undefined,
      reason: 'nothing listens there (ECONNREFUSED)',
    });
  });

  it('is told of in words where what listens hangs up', async () => {
    const rude = createServer((socket) => socket.destroy());
    const { status, reason } = {
      reason: undefined,
      ...(await askAddress(`http://127.0.0.1:${await listenOnFreePort(rude)}/`)),
    };
    expect([status, reason]).toEqual([
      undefined,
      expect.stringMatching(/^it broke the connection off \((?:ECONNRESET|UND_ERR_SOCKET)\)$/) as string,
    ]);
    rude.close();
  });
});

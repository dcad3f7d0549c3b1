import { randomBytes } from 'node:crypto';
import { freePort } from '#embedded';
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

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort } from './ports.js';

describe('a free port', () => {
  it('is given to one alone, of all that ask in this process', async () => {
    const ports = await Promise.all(Array.from({ length: 200 }, () => freePort()));
    expect(new Set(ports).size).toBe(200);
  });

  it('is kept from other processes as long as this one lives', async () => {
    const port = await freePort();
    const other = `require('node:net').createServer().on('error', ({ code }) => console.log(code))
      .listen({ path: '\\0slipway-port-${port}' }, () => process.exit())`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', other]);
    expect(stdout.trim()).toBe('EADDRINUSE');
  });
});

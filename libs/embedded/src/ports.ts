import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { temporary } from '#errors';

// Below Linux's usual range for outgoing connections, and odd: where that range is wider, Linux gives connections ports of
// the parity of its begin, which is even. A server that binds seconds later, or restarts on its old port, would otherwise
// lose it to a stranger's connection.
const firstPort = 20_001;
const lastPort = 32_767;
const attempts = 200;

/**
 * A TCP port on 127.0.0.1 that nobody listens on, and that no other process is given by this function as long as this one
 * lives: between the choice and the server's start it would else be anybody's. Throws temporary `embedded.no_port`.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = firstPort + 2 * randomInt((lastPort - firstPort) / 2 + 1);
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
  throw temporary(
    'embedded.no_port',
    `no free port between ${firstPort} and ${lastPort} in ${attempts} tries`,
  );
}

/**
 * Lets this server listen on a free port of 127.0.0.1, and gives that. Port 0 would not do: where Linux hands out every port
 * from 1024 on, some of them are in `fetch`'s list of bad ports (WHATWG Fetch, 2.9), such as 1719 and 6667.
 */
export async function listenOnFreePort(server: Server): Promise<number> {
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return port;
}

/** By a socket in the abstract name space, which goes with the process and leaves no file. */
function reserve(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(true);
  return new Promise((resolve) => {
    const reservation = createServer();
    reservation.once('error', () => resolve(false));
    reservation.listen({ path: `\0slipway-port-${port}`, exclusive: true }, () => resolve(true));
    reservation.unref();
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

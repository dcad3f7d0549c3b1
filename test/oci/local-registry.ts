import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';

export interface LocalRegistry {
  /** `localhost:<port>` */
  readonly host: string;
  stop(): Promise<void>;
}

/** Debian's `docker-registry` on a free port, with its store in a directory of its own. `auth` is put into its configuration. */
export async function startLocalRegistry(auth?: object): Promise<LocalRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  const port = await freePort();
  const configuration = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: directory }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, secret: 'for-a-test' },
    ...(auth ? { auth } : {}),
  };
  const file = join(directory, 'config.yml');
  await writeFile(file, JSON.stringify(configuration));
  const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' });
  const gone = new Promise<string>((resolve) => {
    child.once('error', () => resolve('docker-registry is missing: apt-get install docker-registry'));
    child.once('exit', (code) => resolve(`docker-registry ended with ${code}`));
  });
  const host = `localhost:${port}`;
  await Promise.race([answers(`http://${host}/v2/`), gone.then((why) => Promise.reject(new Error(why)))]);
  return {
    host,
    stop: async () => {
      child.kill('SIGKILL');
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const answer = await request(url).catch(() => undefined);
    await answer?.body.dump();
    if (answer) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`nothing answers at ${url}`);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

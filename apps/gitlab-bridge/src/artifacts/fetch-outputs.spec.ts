import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenOnFreePort } from '#embedded';
import { Agent, request } from 'undici';
import { fetchOutputs, type OutputsSource } from './fetch-outputs.js';

// Real: HTTP on the loopback address, and files.
describe('what a job brought back', () => {
  const agent = new Agent();
  let server: Server;
  let source: OutputsSource;
  let directory: string;
  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => {
      if (url.startsWith('/attempts/whole/')) response.end('all of it');
      else response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy());
    });
    const url = `http://127.0.0.1:${await listenOnFreePort(server)}`;
    source = { open: (path) => request(`${url}${path}`, { dispatcher: agent }) };
    directory = await mkdtemp(join(tmpdir(), 'slipway-fetch-'));
  });
  afterAll(async () => {
    server.close();
    await agent.destroy();
    await rm(directory, { recursive: true });
  });

  const fetched = (attempt: string, path: string): Promise<boolean> =>
    fetchOutputs(source, attempt, path, AbortSignal.timeout(60_000));

  it('is fetched again where the connection broke off, which is told in words', async () => {
    await expect(fetched('half', join(directory, 'file'))).rejects.toMatchObject({
      code: 'artifacts.interrupted',
      temporary: true,
      message: 'what a job brought back could not be fetched: it broke the connection off (UND_ERR_SOCKET)',
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it('is told of in the words of the disk where that is at fault', async () => {
    await expect(fetched('whole', join(directory, 'nowhere', 'file'))).rejects.toMatchObject({
      code: 'artifacts.interrupted',
      message: expect.stringContaining('ENOENT: no such file or directory') as string,
    });
  });
});

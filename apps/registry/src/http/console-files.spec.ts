import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { serveConsole } from './console-files.js';
import { beginRouteCensus, refuseUnguarded } from './route-census.js';

let directory: string;
let server: FastifyInstance;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-console-'));
  server = fastify();
  server.get('/api/v1/projects', () => ({ items: [] }));
});

afterEach(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

function build(): void {
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), '<meta name="csp-nonce" content="@nonce@"><p>the page</p>');
  writeFileSync(join(directory, 'slipway.svg'), '<svg/>');
  writeFileSync(join(directory, 'assets/index-abc.js'), 'let plain;');
  writeFileSync(join(directory, 'assets/index-abc.js.br'), 'compressed');
}

describe('the page, built', () => {
  beforeEach(async () => {
    build();
    await serveConsole(server, directory);
  });

  it.each(['/', '/projects', '/projects/atlas?tab=rules', '/credentials/x'])(
    'is what %s shows, so that a link into it works',
    async (url) => {
      const answer = await server.inject(url);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.body).toContain('the page');
    },
  );

  it('allows scripts from files of its own alone, and styles with a nonce that is never the same', async () => {
    const [first, second] = [await server.inject('/'), await server.inject('/')];
    const policy = String(first.headers['content-security-policy']);
    const nonce = /content="([^"]+)"/.exec(first.body)?.[1] ?? '';
    expect(nonce.length).toBeGreaterThan(20);
    expect(policy).toContain(`style-src 'self' 'nonce-${nonce}';`);
    expect(policy).toContain("default-src 'none';");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(second.body).not.toContain(nonce);
  });

  it('sends its files for good, compressed to those who take it', async () => {
    const plain = await server.inject('/assets/index-abc.js');
    expect(plain.body).toBe('let plain;');
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const headers = { 'accept-encoding': 'br' };
    const packed = await server.inject({ url: '/assets/index-abc.js', headers });
    expect(packed.headers['content-encoding']).toBe('br');
    expect(packed.headers['content-type']).toContain('javascript');
    expect(packed.body).toBe('compressed');
  });

  it('is not what an unknown file, or an unknown address of the API, shows', async () => {
    for (const url of [
      '/assets/gone.js',
      '/api/v1/nothing',
      '/api',
      '/auth/nothing',
      '/health/x',
      '/metrics',
    ])
      expect([url, (await server.inject(url)).statusCode]).toEqual([url, 404]);
    expect((await server.inject('/api/v1/projects')).statusCode).toBe(200);
  });

  it('adds no route that the census of guarded routes does not know as open', async () => {
    const counted = fastify();
    beginRouteCensus(counted);
    await serveConsole(counted, directory);
    await counted.ready();
    expect(counted.routeCensus?.length).toBeGreaterThan(2);
    expect(() => refuseUnguarded(counted.routeCensus ?? [], [])).not.toThrow();
    await counted.close();
  });

  it('gives away nothing outside its folder', async () => {
    writeFileSync(join(directory, 'private.txt'), 'private');
    for (const url of ['/assets/../private.txt', '/assets/%2e%2e/private.txt', '/assets/..%2fprivate.txt'])
      expect((await server.inject(url)).body).not.toBe('private');
  });
});

describe('the page, not built', () => {
  it('says how to build it, and leaves the API alone', async () => {
    await serveConsole(server, directory);
    const answer = await server.inject('/projects');
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('npm run build:console');
    expect((await server.inject('/api/v1/projects')).statusCode).toBe(200);
    expect((await server.inject('/api/v1/nothing')).statusCode).toBe(404);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenOnFreePort } from '#embedded';
import { context, script } from './run-ci-job.js';
import { bareNode, openWorld, type World } from './world.js';

const token = 'the-token-of-the-dependency';

/** As GitLab makes them: with modes, a link, and a name that is not ASCII. */
function archive(): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-zip-'));
  const text =
    'mkdir -p out/x && echo built >out/x/file && echo run >out/run && chmod 755 out/run && ln -s x/file out/link && echo u >out/ü && zip -qry a.zip out';
  execFileSync('sh', ['-c', text], { cwd: directory });
  const bytes = readFileSync(join(directory, 'a.zip'));
  rmSync(directory, { recursive: true });
  return bytes;
}

const job = { id: 11, name: 'build', token, artifacts_file: { filename: 'artifacts.zip', size: 1 } };
const check = 'cat out/x/file; test -x out/run; cat out/link; ls out';

describe('the artifacts of earlier jobs', () => {
  let world: World;
  let storage: Server;
  let storageUrl: string;
  const bytes = archive();
  const asked: IncomingMessage[] = [];
  const stored: IncomingMessage[] = [];
  /** What the storage answers first. */
  const storageCodes: number[] = [];

  beforeAll(async () => {
    world = await openWorld({ 'a.txt': 'first\n' });
    storage = createServer((request, response) => {
      stored.push(request);
      response.writeHead(storageCodes.shift() ?? 200).end(bytes);
    });
    storageUrl = `http://127.0.0.1:${await listenOnFreePort(storage)}/bucket/a.zip?signature=a%20secret`;
  });
  beforeEach(() => {
    asked.length = 0;
    stored.length = 0;
  });
  afterAll(async () => {
    await world.close();
    await new Promise((resolve) => storage.close(resolve));
  });

  const answer = (status: () => number): void => {
    world.server.answer = (request, response) => {
      if (!request.url?.startsWith('/api/')) return false;
      asked.push(request);
      const code = status();
      if (code > 300 && code < 310) response.writeHead(code, { location: storageUrl }).end();
      else response.writeHead(code).end(code === 200 ? bytes : '');
      return true;
    };
  };
  const run = (path?: string) =>
    world.run(
      { dependencies: [job], steps: [script(check)] },
      { context: { ...context, gitlab: { url: world.server.url } }, ...(path === undefined ? {} : { path }) },
    );

  it('are fetched with their own token, which goes to GitLab alone and into no argument list', async () => {
    answer(() => 302);
    const node = await bareNode(['unzip', 'bash'], ['curl', 'git', 'unzip', 'sh', 'bash']);
    const { code, log } = await run(node.path);
    expect(log).toMatch(/Downloading artifacts for build \(11\)\.\.\.[^]*coordinator\.\.\. ok\n/);
    expect(log).toMatch(/\nbuilt\nbuilt\nlink\nrun\nx\nü\n/);
    expect(code).toBe(0);
    expect(asked.map(({ url, headers }) => [url, headers['job-token']])).toEqual([
      ['/api/v4/jobs/11/artifacts?direct_download=true', token],
    ]);
    expect(stored.map(({ headers }) => headers['job-token'])).toEqual([undefined]);
    const calls = await node.calls();
    expect(calls).toContain('curl -q --config -');
    expect(calls).not.toContain(token);
    expect(calls).not.toContain('the-password-of-the-job');
    expect(calls).not.toContain('signature');
    await node.remove();
  });

  it.each([[['unzip']], [['python3']], [['busybox']]])(
    'are unpacked by %s where the node has no other',
    async (tools) => {
      answer(() => 200);
      const node = await bareNode(tools);
      const { code, log } = await run(node.path);
      expect(log).toMatch(/\nbuilt\nbuilt\nlink\nrun\nx\nü\n/);
      expect(code).toBe(0);
      await node.remove();
    },
  );

  it('fail the job with words where the node can unpack nothing', async () => {
    answer(() => 200);
    const node = await bareNode([]);
    const { end, log } = await run(node.path);
    expect(end).toMatchObject({ step: 'download_artifacts', fault: 'script-failed' });
    expect(log).toContain('this node has none of unzip, bsdtar, python3, 7z and busybox');
    await node.remove();
  });

  it('are asked for again after a passing fault, and not where they are gone', async () => {
    const codes = [503, 500, 200];
    answer(() => codes.shift() ?? 200);
    expect((await run()).code).toBe(0);
    expect(asked).toHaveLength(3);
    asked.length = 0;
  });

  it.each([400, 401, 403, 404])('fail the job at once after %d', async (status) => {
    answer(() => status);
    const { end, log } = await run();
    expect(end).toMatchObject({ step: 'download_artifacts', exit: '1' });
    expect(log).toContain(`ERROR: Downloading artifacts from coordinator... failed: ${status}`);
    expect(asked).toHaveLength(1);
  });

  it.each([408, 409, 429, 502, 504])('are asked for again after %d', async (status) => {
    const codes = [status, 302];
    answer(() => codes.shift() ?? 200);
    expect((await run()).code).toBe(0);
    expect(asked).toHaveLength(2);
  });

  it.each([301, 302, 303, 307, 308])(
    'come from where GitLab says by %d, without their token',
    async (status) => {
      answer(() => status);
      expect((await run()).code).toBe(0);
      expect(stored.map(({ headers }) => headers['job-token'])).toEqual([undefined]);
    },
  );

  it.each([408, 429, 500, 502, 503, 504])('are asked for anew after the storage says %d', async (status) => {
    storageCodes.push(status);
    answer(() => 302);
    expect((await run()).code).toBe(0);
    // By a new address: the first one may be good for one time alone.
    expect([asked.length, stored.length]).toEqual([2, 2]);
  });
});

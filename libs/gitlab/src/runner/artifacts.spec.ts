import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { listenOnFreePort } from '#embedded';
import { GitLabServer, JobClient, openDependency, type Opened, uploadArtifact, type Uploaded } from '#gitlab';
import { waitFor } from '#lab';
import { json, type Reply, scriptedServer, type ScriptedServer } from '../../test/scripted-server.js';

let gitlab: ScriptedServer;
let storage: ScriptedServer;
let server: GitLabServer;
let directory: string;

beforeAll(async () => {
  gitlab = await scriptedServer();
  storage = await scriptedServer();
  server = new GitLabServer(`${gitlab.url}/gitlab`);
  directory = await mkdtemp(join(tmpdir(), 'slipway-artifacts-'));
});
beforeEach(() => {
  gitlab.heard.length = 0;
  storage.heard.length = 0;
});
afterAll(async () => {
  await server.close();
  await gitlab.close();
  await storage.close();
  await rm(directory, { recursive: true });
});

const content = Buffer.alloc(700_000, 'zip bytes ');

async function upload(expireIn = '1 week', filename = 'artifacts.zip'): Promise<Uploaded> {
  const path = join(directory, 'artifacts.zip');
  await writeFile(path, content);
  const job = { server, id: 42, token: 'job-secret' };
  return uploadArtifact(job, { path, filename, type: 'archive', format: 'zip', expireIn });
}

describe('an artifact', () => {
  it('is one part of a form, of a length that is known before', async () => {
    gitlab.answers = () => json(201, {});
    expect(await upload('1 week', 'a "b"\r\n.zip')).toEqual({ is: 'stored' });
    const [heard] = gitlab.heard;
    expect(heard?.path).toBe(
      '/gitlab/api/v4/jobs/42/artifacts?artifact_format=zip&artifact_type=archive&expire_in=1+week',
    );
    expect(heard?.headers).toMatchObject({
      'job-token': 'job-secret',
      'content-length': `${heard?.body.length}`,
    });
    const form = await new Response(new Uint8Array(heard?.body ?? []), {
      headers: { 'content-type': heard?.headers['content-type'] ?? '' },
    }).formData();
    const file = form.get('file');
    if (!(file instanceof File)) throw new Error('there is no file');
    expect(file.name).toBe('a "b"\r\n.zip');
    expect(Buffer.from(await file.arrayBuffer()).equals(content)).toBe(true);
  });

  it('says nothing of its expiry where the job says nothing', async () => {
    gitlab.answers = () => json(201, {});
    await upload('');
    expect(gitlab.heard[0]?.path).not.toContain('expire_in');
  });

  it('goes whole to where GitLab sends it', async () => {
    const location = `${storage.url}/api/v4/jobs/42/artifacts?artifact_type=archive`;
    gitlab.answers = () => ({ status: 307, headers: { location } });
    storage.answers = () => json(201, {});
    expect(await upload()).toEqual({ is: 'stored' });
    expect(storage.heard[0]).toMatchObject({
      path: '/api/v4/jobs/42/artifacts?artifact_type=archive',
      headers: { 'job-token': 'job-secret' },
    });
    expect(storage.heard[0]?.body.equals(gitlab.heard[0]?.body ?? Buffer.alloc(0))).toBe(true);
  });

  it('is not sent round and round', async () => {
    gitlab.answers = () => ({ status: 307, headers: { location: '/gitlab/api/v4/jobs/42/artifacts' } });
    await expect(upload()).rejects.toMatchObject({ code: 'gitlab.unavailable', temporary: true });
    expect(gitlab.heard.length).toBeLessThan(10);
    gitlab.answers = () => ({ status: 307 });
    await expect(upload()).rejects.toMatchObject({ temporary: true });
  });

  it.each([
    [400, { is: 'refused', status: 400, words: 'another file' }],
    [403, { is: 'refused', status: 403, words: 'another file' }],
    [404, { is: 'refused', status: 404, words: 'another file' }],
    [413, { is: 'too_large', words: 'another file' }],
  ])('is answered by %d', async (status, expected) => {
    gitlab.answers = () => json(status, { message: 'another file' });
    expect(await upload()).toEqual(expected);
  });

  it('that is refused before it was read whole leaves no connection behind on which nothing is answered', async () => {
    const path = join(directory, 'large.zip');
    await writeFile(path, Buffer.alloc(200_000, 7));
    const closed: number[] = [];
    let connections = 0;
    const unread = createServer((request, response) => {
      if (request.method === 'PATCH') request.resume().on('end', () => response.writeHead(202).end());
      else {
        response.writeHead(413).end('{}');
        // As one does that looks at it no further.
        request.on('data', () => undefined).pause();
      }
    });
    unread.on('connection', (socket) => {
      const number = ++connections;
      socket.on('close', () => closed.push(number));
    });
    const there = new GitLabServer(`http://127.0.0.1:${await listenOnFreePort(unread)}`);
    const job = { server: there, id: 42, token: 'job-secret' };
    const large = { path, filename: 'a.zip', type: 'archive', format: 'zip', expireIn: '' } as const;
    expect(await uploadArtifact(job, large)).toMatchObject({ is: 'too_large' });
    await waitFor(() => closed.includes(1), { what: 'the connection to be closed', deadlineMs: 10_000 });
    expect(await new JobClient(job).patchTrace(0, Buffer.from('x'))).toMatchObject({ is: 'taken' });
    await there.close();
    unread.closeAllConnections();
    await new Promise((resolve) => unread.close(resolve));
  });

  it.each([429, 500, 502, 503, 504])('is handed in again after %d', async (status) => {
    gitlab.answers = () => ({ status });
    await expect(upload()).rejects.toMatchObject({ temporary: true });
  });

  it('is handed in again where the connection broke', async () => {
    gitlab.answers = () => 'hang_up';
    await expect(upload()).rejects.toMatchObject({ code: 'gitlab.unreachable', temporary: true });
  });
});

describe('the artifacts of a dependency', () => {
  const dependency = { id: 7, token: 'dependency-secret' };
  const bytesOf = async (opened: Opened): Promise<Buffer> =>
    opened.is === 'found' ? buffer(opened.body) : Buffer.from(opened.is);

  it('are read with the token of that job', async () => {
    gitlab.answers = () => ({ status: 200, headers: { 'content-length': '4' }, body: 'zip!' });
    const opened = await openDependency(server, dependency);
    expect(opened).toMatchObject({ is: 'found', size: 4 });
    expect((await bytesOf(opened)).toString()).toBe('zip!');
    expect(gitlab.heard[0]).toMatchObject({
      path: '/gitlab/api/v4/jobs/7/artifacts?direct_download=true',
      headers: { 'job-token': 'dependency-secret' },
    });
  });

  it.each([302, 307])('come from the storage after %d, which gets no token', async (status) => {
    gitlab.answers = () => ({ status, headers: { location: `${storage.url}/bucket/x?signature=abc` } });
    storage.answers = () => ({ status: 200, body: 'from the storage' });
    expect((await bytesOf(await openDependency(server, dependency))).toString()).toBe('from the storage');
    expect(storage.heard[0]?.path).toBe('/bucket/x?signature=abc');
    expect(storage.heard[0]?.headers).not.toHaveProperty('job-token');
  });

  it.each([401, 403, 404])('are refused by %d', async (status) => {
    gitlab.answers = () => ({ status });
    expect(await openDependency(server, dependency)).toEqual({ is: 'refused', status });
  });

  it('are asked for again after what is temporary, and no signed address is told', async () => {
    const refuse: Reply = { status: 503, headers: { 'retry-after': '3' } };
    gitlab.answers = () => ({ status: 302, headers: { location: `${storage.url}/x?signature=abc` } });
    storage.answers = () => refuse;
    const error: unknown = await openDependency(server, dependency).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ temporary: true, retryAfterSeconds: 3 });
    expect(String(error)).not.toContain('signature');
  });
});

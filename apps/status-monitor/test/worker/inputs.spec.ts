import { execFileSync } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { attemptIdOf, jobIdOf } from '#grid';
import { pack } from 'tar-stream';
import { EdgeWorld, type KnownAttempt } from './edge-world.js';
import { runWrapper } from './running-wrapper.js';

// Real: RabbitMQ, PostgreSQL, the monitor as a process, the wrapper under three shells with curl and tar.
let world: EdgeWorld;

beforeAll(async () => {
  world = await EdgeWorld.create(import.meta.url);
  await world.start();
});
afterAll(() => world?.close());

type Member = Parameters<ReturnType<typeof pack>['entry']>[0] & { readonly text?: string };

/** Makes one of a group's attempts one that succeeded, and brought this back. */
async function succeed(
  { groupId }: KnownAttempt,
  index: number,
  members: readonly Member[],
  number = 1,
): Promise<void> {
  const attempt = await world.attempt(attemptIdOf(jobIdOf(groupId, index), number));
  if (members.length > 0) {
    const packing = pack();
    for (const { text = '', ...header } of members) packing.entry(header, text);
    packing.finalize();
    const pieces: Buffer[] = [];
    for await (const piece of packing as AsyncIterable<Buffer>) pieces.push(piece);
    const tar = gzipSync(Buffer.concat(pieces));
    const promised = { size: tar.length, sha256: createHash('sha256').update(tar).digest('hex') };
    expect(await world.outputs.store(attempt, Readable.from([tar]), promised)).toMatchObject({
      kind: 'stored',
    });
  }
  await world.ledger.report(attempt.id, { from: 'worker', state: 'succeeded', at: new Date() });
}

const script = (text: string) => [{ name: 'script', script: text }];
const some: readonly Member[] = [
  { name: 'out/', type: 'directory', mode: 0o755 },
  { name: 'out/a file', text: 'a\n', mode: 0o644 },
  { name: 'out/run', text: '#!/bin/sh\necho it runs\n', mode: 0o755 },
  { name: 'out/link', type: 'symlink', linkname: 'a file' },
  { name: 'other', text: 'never\n' },
];

async function asked(
  known: KnownAttempt,
  number: number | string,
  { token = known.token, packed = '' }: { readonly token?: string; readonly packed?: string } = {},
): Promise<{ readonly status: number; readonly body: Buffer }> {
  const session = randomBytes(16).toString('hex');
  const headers = { authorization: `Bearer ${known.token}`, 'x-slipway-session': session };
  const url = `${world.url}/worker/v1/attempts/${known.attemptId}`;
  await fetch(`${url}/start`, { method: 'POST', headers, body: `session=${session}\nnode=here\n` });
  const answer = await fetch(`${url}/inputs/${number}${packed}`, {
    headers: { ...headers, authorization: `Bearer ${token}` },
  });
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
}

async function listed(tar: Buffer, flags = '-tzf'): Promise<readonly string[]> {
  const path = join(await mkdtemp(join(world.directory, 'tar-')), 'x.tar');
  await writeFile(path, tar);
  return execFileSync('tar', [flags, path], { encoding: 'utf8' }).trim().split('\n');
}

describe.each([
  ['dash', ['dash']],
  ['busybox sh', ['busybox', 'sh']],
  ['bash as sh', ['bash', '--posix']],
])('a job under %s', (_name, shell) => {
  it('has what another job of its project brought back, where it wants it', async () => {
    const source = await world.queue({ steps: script('true') });
    await succeed(source, 0, some);
    const known = await world.queue({
      steps: script('cd "the inputs/of it"; cat "a file" link; ./run; ls; ls -l run "a file" | cut -c1-10'),
      inputs: [
        { path: 'x', content: 'xyz' },
        { path: '.slipway-own', content: 'the house’s' },
        { path: 'the inputs/of it', outputsOf: { jobId: source.jobId, path: './out/' } },
      ],
    });
    const { ended } = await runWrapper(join(world.directory, 'node'), world.files(known), { shell });
    const log = (): Promise<string> => world.log(known.attemptId);
    expect({ ...(await ended), log: await log() }).toMatchObject({
      status: 0,
      log: expect.stringMatching(
        /input the inputs\/of it: \d+ bytes packed[^]*a\na\nit runs\na file\nlink\nrun\n-rw-r--r--\n-rwxr-xr-x\n/,
      ),
    });
    const packed = Number(/of it: (\d+) bytes packed/.exec(await log())?.[1]);
    expect((await world.attempt(known.attemptId)).usage).toEqual({ inputBytes: [3, null, packed] });
  });

  it('that wants what is not to be had says why, and does not run', async () => {
    const known = await world.queue({
      steps: script('echo never'),
      inputs: [{ path: 'in', outputsOf: { jobId: randomUUID() } }],
    });
    const { ended } = await runWrapper(join(world.directory, 'node'), world.files(known), { shell });
    expect((await ended).status).toBe(1);
    expect(await world.attempt(known.attemptId)).toMatchObject({ reason: { fault: 'input-missing' } });
    expect(await world.log(known.attemptId)).toMatch(
      /HTTP status 404\): no job [0-9a-f-]+ of the project higgs has succeeded/,
    );
    expect(await world.log(known.attemptId)).not.toContain('never');
  });
});

describe('what the jobs of a group brought back', () => {
  it('lies side by side by their keys, of those alone that succeeded', async () => {
    const keys = ['/lhcb/MC/a', '../../etc', 'b', 'fails', 'nothing'];
    const source = await world.queue({ steps: script('true') }, { keys });
    for (const index of [0, 1, 2]) await succeed(source, index, [{ name: 'o/r.txt', text: `${index}` }]);
    const failed = attemptIdOf(jobIdOf(source.groupId, 3), 1);
    await world.ledger.report(failed, { from: 'worker', state: 'failed', at: new Date() });
    await succeed(source, 4, []);
    const known = await world.queue({
      steps: script('true'),
      inputs: [{ path: 'all', outputsOf: { groupId: source.groupId } }],
    });
    const { status, body } = await asked(known, 1);
    expect(status).toBe(200);
    expect(await listed(body)).toEqual(['lhcb_MC_a/o/r.txt', 'etc/o/r.txt', 'b/o/r.txt']);
  });

  it('comes uncompressed to a node that has no gzip', async () => {
    const source = await world.queue({ steps: script('true') });
    await succeed(source, 0, some);
    const known = await world.queue({
      steps: script('true'),
      inputs: [{ path: 'all', outputsOf: { groupId: source.groupId, path: 'out' } }],
    });
    const { body } = await asked(known, 1, { packed: '?packed=no' });
    expect(await listed(body, '-tf')).toEqual(['job/a file', 'job/run', 'job/link']);
  });

  it('is a large file as it was', async () => {
    const large = randomBytes(3_000_000).toString('base64');
    const source = await world.queue({ steps: script('true') });
    await succeed(source, 0, [{ name: 'large', text: large }]);
    const known = await world.queue({
      steps: script('sha256sum in/large | cut -c1-64'),
      inputs: [{ path: 'in', outputsOf: { jobId: source.jobId } }],
    });
    const { ended } = await runWrapper(join(world.directory, 'node'), world.files(known));
    expect((await ended).status).toBe(0);
    expect(await world.log(known.attemptId)).toContain(createHash('sha256').update(large).digest('hex'));
  });
});

describe('a hostile job', () => {
  it('gets nothing of another project, of what did not succeed, nor what its template does not say', async () => {
    const foreign = await world.queue({ steps: script('true') }, { project: 'secret' });
    await succeed(foreign, 0, some);
    const running = await world.queue({ steps: script('true') });
    const own = await world.queue({ steps: script('true') });
    await succeed(own, 0, some);
    const known = await world.queue({
      steps: script('true'),
      inputs: [
        { path: 'a', outputsOf: { jobId: foreign.jobId } },
        { path: 'b', outputsOf: { groupId: foreign.groupId } },
        { path: 'c', outputsOf: { jobId: running.jobId } },
        { path: 'd', content: 'x' },
        { path: 'e', outputsOf: { jobId: own.jobId } },
      ],
    });
    const session = randomBytes(16).toString('hex');
    const headers = { authorization: `Bearer ${known.token}`, 'x-slipway-session': session };
    const url = `${world.url}/worker/v1/attempts/${known.attemptId}`;
    await fetch(`${url}/start`, { method: 'POST', headers, body: `session=${session}\nnode=here\n` });
    const status = async (of: string, more: object = {}): Promise<number> =>
      (await fetch(`${url}/inputs/${of}`, { headers: { ...headers, ...more } })).status;
    for (const of of ['1', '2', '3', '4', '0', '6', '-1', 'x', '1e0', '..%2f..%2f'])
      expect([of, await status(of)]).toEqual([of, 404]);
    expect(await status('5')).toBe(200);
    expect(await status('5', { authorization: `Bearer ${own.token}` })).toBe(401);
    expect(await status('5', { 'x-slipway-session': 'a'.repeat(32) })).toBe(403);
  });

  it('brings nothing back that lands elsewhere in another job', async () => {
    const source = await world.queue({ steps: script('true') });
    await succeed(source, 0, [
      { name: '../up', text: 'x' },
      { name: '/etc/abs', text: 'x' },
      { name: 'in/leads-out', type: 'symlink', linkname: '../other' },
      { name: 'in/leads-out/evil', text: 'x' },
      { name: 'in/absolute', type: 'symlink', linkname: '/etc' },
      { name: 'in/good', text: 'good' },
      { name: 'in/device', type: 'character-device' },
    ]);
    const known = await world.queue({
      steps: script('find . | LC_ALL=C sort; cat in/good'),
      inputs: [{ path: 'in', outputsOf: { jobId: source.jobId, path: 'in' } }],
    });
    const { body } = await asked(known, 1);
    expect(await listed(body)).toEqual(['leads-out/evil', 'good']);
  });
});

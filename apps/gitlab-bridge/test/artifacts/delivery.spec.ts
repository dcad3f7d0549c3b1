import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GitLabServer, type Tone } from '#gitlab';
import { waitFor } from '#lab';
import { request } from 'undici';
import { startGitLab, type TestGitLab, type TestJob } from '../../../../test/gitlab/index.js';
import { BareRunner } from '../../../../test/gitlab/test-runner.js';
import { deliverArtifacts, sweepArtifacts, type Brought, type Delivered } from '../../src/artifacts/index.js';
import type { DeliveryPlace } from '../../src/domain/ci-job.js';
import type { ArtifactPlan } from '../../src/domain/composing/index.js';
import { startZipMonitor, type ZipMonitor } from './zip-monitor.js';
import { plan, unzippedIn } from './zips.js';

// Real: files, zips, HTTP, a GitLab as strict as the real one. The monitor is a stand-in that hands out zips.
let directory: string;
let gitlab: TestGitLab;
let server: GitLabServer;
let monitor: ZipMonitor;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-delivery-'));
  gitlab = await startGitLab({ limits: { longPollMs: 200 } });
  server = new GitLabServer(gitlab.url);
  monitor = await startZipMonitor(directory);
});
afterEach(() => {
  gitlab.faults.clear();
  expect(gitlab.complaints).toEqual([]);
});
afterAll(async () => {
  await server.close();
  await gitlab.close();
  await monitor.close();
  await rm(directory, { recursive: true, force: true });
});

const bringBack: ZipMonitor['bringBack'] = (files) => monitor.bringBack(files);

interface Running {
  readonly job: TestJob;
  readonly said: string[];
  readonly state: string;
  readonly deliver: (
    brought: readonly Brought[],
    plans?: readonly ArtifactPlan[],
    more?: More,
  ) => Promise<Delivered>;
}

interface More {
  readonly state?: string;
  readonly signal?: AbortSignal;
}

/** A CI job that runs. */
async function running(): Promise<Running> {
  const project = await gitlab.createProject({
    path: `lhcb/p${randomUUID().slice(0, 8)}`,
    files: { '.gitlab-ci.yml': 'job: { script: [make] }' },
  });
  const pipeline = await project.runPipeline();
  const { id, token } = await new BareRunner(gitlab, gitlab.createRunner()).take();
  const said: string[] = [];
  const own = randomUUID();
  let place: DeliveryPlace = { told: 0 };
  const state = join(directory, `state-${own}`);
  return {
    job: pipeline.job('job'),
    said,
    state,
    deliver: (brought, plans = [plan()], more = {}) =>
      deliverArtifacts(
        { id: own, job: { server, id, token }, plans, brought, place },
        {
          outputs: { open: (path) => request(`${monitor.url}${path}`) },
          directory: more.state ?? state,
          tell: async (tone: Tone, words: string, next: DeliveryPlace) => {
            said.push(`${tone}: ${words}`);
            place = next;
          },
          signal: more.signal ?? new AbortController().signal,
        },
      ),
  };
}

const unzipped = (bytes: Buffer | undefined): Promise<Readonly<Record<string, string>>> =>
  unzippedIn(directory, bytes);

describe('the artifacts of a CI job', () => {
  it('are what its grid job brought back for each upload: a zip, reports, a file as it is', async () => {
    const { deliver, job, said, state } = await running();
    const attemptId = await bringBack({
      'slipway-artifacts/0/out/a.txt': 'a',
      'slipway-artifacts/0/b.txt': 'b'.repeat(5_000),
      'slipway-artifacts/1/junit.xml': '<testsuites/>',
      'slipway-artifacts/3/x.env': 'A=1',
      other: 'never',
    });
    const plans = [
      plan(0, { name: 'ci results' }),
      plan(1, { type: 'junit', format: 'gzip', name: 'junit.xml' }),
      plan(2, { type: 'codequality', format: 'gzip' }),
      plan(3, { type: 'dotenv', format: 'gzip', name: '.env' }),
    ];
    expect(await deliver([{ attemptId }], plans)).toEqual({ is: 'delivered' });
    const [archive, junit, dotenv] = job.artifacts;
    expect(job.artifacts.map(({ type, filename, expireIn }) => [type, filename, expireIn])).toEqual([
      ['archive', 'ci results.zip', '1 week'],
      ['junit', 'junit.xml.gz', '1 week'],
      ['dotenv', '.env.gz', '1 week'],
    ]);
    expect(await unzipped(archive?.bytes)).toEqual({ 'out/a.txt': 'a', 'b.txt': 'b'.repeat(5_000) });
    expect(gunzipSync(junit?.bytes ?? '').toString()).toBe('<testsuites/>');
    expect(gunzipSync(dotenv?.bytes ?? '').toString()).toBe('A=1');
    expect(said[0]).toMatch(/^plain: Uploading artifacts as "archive" to GitLab\.\.\. 2 files, \d+ bytes$/);
    expect(said[1]).toMatch(/201 Created$/);
    expect(await readdir(state)).toEqual([]);
  });

  it('of many grid jobs lie side by side, by the names of the items, without those that brought nothing', async () => {
    const { deliver, job } = await running();
    const brought: Brought[] = [];
    for (let n = 0; n < 40; n++) {
      const attemptId = n === 7 ? randomUUID() : await bringBack({ 'slipway-artifacts/0/n.txt': `${n}` });
      brought.push({ attemptId, under: `set-${n}` });
    }
    monitor.faulty.add(brought[3]?.attemptId ?? '');
    await expect(deliver(brought)).rejects.toMatchObject({ code: 'monitor.unavailable', temporary: true });
    expect(await deliver(brought)).toEqual({ is: 'delivered' });
    const files = await unzipped(job.artifacts[0]?.bytes);
    expect(Object.keys(files)).toHaveLength(39);
    expect(files).toMatchObject({ 'set-0/n.txt': '0', 'set-39/n.txt': '39' });
  });

  it('are nothing to speak of where nothing was brought back', async () => {
    const { deliver, job, said } = await running();
    const nothing = await bringBack({ other: 'x' });
    expect(await deliver([{ attemptId: randomUUID() }, { attemptId: nothing, under: 'b' }])).toEqual({
      is: 'delivered',
    });
    expect({ said, artifacts: job.artifacts }).toEqual({ said: [], artifacts: [] });
  });

  it('that are more than one file cannot be one', async () => {
    const { deliver, said } = await running();
    const attemptId = await bringBack({ 'slipway-artifacts/0/a': '1', 'slipway-artifacts/0/b': '2' });
    const delivered = await deliver([{ attemptId }], [plan(0, { format: 'raw', type: 'metrics' })]);
    expect(delivered).toMatchObject({ is: 'refused' });
    expect(said.join()).toMatch(/bad: ERROR: .*only one file can be uploaded as it is, not 2/);
  });
});

describe('GitLab, given artifacts', () => {
  it('that are too large, says so, and that is told', async () => {
    const { deliver, job, said } = await running();
    const before = gitlab.limits.artifactBytes;
    gitlab.limits.artifactBytes = 100;
    const attemptId = await bringBack({
      'slipway-artifacts/0/large': createHash('sha512').update('x').digest('hex').repeat(2_000),
    });
    const delivered = await deliver([{ attemptId }]);
    gitlab.limits.artifactBytes = before;
    expect(delivered).toMatchObject({
      is: 'refused',
      words: expect.stringContaining('413 Request Entity Too Large'),
    });
    expect(said.at(-1)).toMatch(/^bad: ERROR: .*413/);
    expect(job.artifacts).toEqual([]);
  });

  it.each([400, 401, 403, 404])(
    'that answers %d for good, is not asked again, and the next upload goes on',
    async (status) => {
      const { deliver, job, said } = await running();
      const attemptId = await bringBack({
        'slipway-artifacts/0/a': '1',
        'slipway-artifacts/1/j.xml': '<x/>',
      });
      gitlab.faults.add({ call: 'upload', status, body: { message: 'no' } });
      const plans = [plan(), plan(1, { type: 'junit', format: 'gzip' })];
      expect(await deliver([{ attemptId }], plans)).toMatchObject({ is: 'refused' });
      expect(said[1]).toContain(`${status}`);
      expect(job.artifacts.map(({ type }) => type)).toEqual(['junit']);
    },
  );

  it.each([
    ['429', { status: 429, headers: { 'retry-after': '1' } }],
    ['503', { status: 503 }],
    ['500', { status: 500 }],
    ['a connection that breaks', { cut: true }],
    ['nothing though it took them', { cut: true, afterwards: true }],
    ['503 though it took them', { status: 503, afterwards: true }],
  ])('that answers %s gets the same bytes again', async (_what, fault) => {
    const { deliver, job, said } = await running();
    const attemptId = await bringBack({ 'slipway-artifacts/0/a': '1' });
    gitlab.faults.add({ call: 'upload', times: 2, ...fault });
    expect(await deliver([{ attemptId }])).toEqual({ is: 'delivered' });
    expect(job.artifacts).toHaveLength(1);
    expect(said.filter((line) => line.startsWith('warning:'))).toHaveLength(1);
  });

  it('that sends them elsewhere gets them there', async () => {
    const { deliver, job } = await running();
    const attemptId = await bringBack({ 'slipway-artifacts/0/a': '1' });
    const location = `${gitlab.url}/api/v4/jobs/${job.id}/artifacts?artifact_format=zip&artifact_type=archive`;
    gitlab.faults.add({ call: 'upload', status: 307, headers: { location } });
    expect(await deliver([{ attemptId }])).toEqual({ is: 'delivered' });
    expect(job.artifacts).toHaveLength(1);
  });

  it('that is away while the one who delivers dies, gets from another one, elsewhere, the bytes that it has', async () => {
    const { deliver, job, said } = await running();
    const brought = [
      { attemptId: await bringBack({ 'slipway-artifacts/0/a': '1' }), under: 'a' },
      { attemptId: await bringBack({ 'slipway-artifacts/0/a': '2' }), under: 'b' },
    ];
    // It took the first upload, and nobody heard of it.
    gitlab.faults.add({ call: 'upload', times: 1, cut: true, afterwards: true });
    gitlab.faults.add({ call: 'upload', times: 1_000, cut: true });
    const dying = new AbortController();
    const dead = deliver(brought, [plan()], { signal: dying.signal });
    await waitFor(
      () => gitlab.requestsOf('upload').filter(({ path }) => path.includes(`/${job.id}/`)).length >= 2,
      {
        what: 'two tries',
      },
    );
    await gitlab.goDown();
    dying.abort();
    await expect(dead).rejects.toMatchObject({ code: 'gitlab.aborted' });
    const other = deliver(brought, [plan()], { state: join(directory, 'another-copy') });
    gitlab.faults.clear();
    await gitlab.comeBack();
    expect(await other).toEqual({ is: 'delivered' });
    expect(job.artifacts).toHaveLength(1);
    expect(await unzipped(job.artifacts[0]?.bytes)).toEqual({ 'a/a': '1', 'b/a': '2' });
    expect(said.filter((line) => /1 file|2 files/.test(line))).toHaveLength(1);
    expect(said.filter((line) => line.endsWith('201 Created'))).toHaveLength(1);
  });

  it('that refused some before the one who delivers died, has refused them for the next one too', async () => {
    const { deliver, job, said } = await running();
    const attemptId = await bringBack({
      'slipway-artifacts/0/a': '1',
      'slipway-artifacts/1/j.xml': '<x/>',
    });
    const plans = [plan(), plan(1, { type: 'junit', format: 'gzip' })];
    gitlab.faults.add({ call: 'upload', status: 400, body: { message: 'no' } });
    gitlab.faults.add({ call: 'upload', times: 1_000, status: 503 });
    const dying = new AbortController();
    const dead = deliver([{ attemptId }], plans, { signal: dying.signal });
    await waitFor(() => said.some((line) => line.startsWith('warning:')), { what: 'the second upload' });
    dying.abort();
    await expect(dead).rejects.toMatchObject({ code: 'gitlab.aborted' });
    gitlab.faults.clear();
    expect(await deliver([{ attemptId }], plans)).toMatchObject({
      is: 'refused',
      words: expect.stringContaining('400 no'),
    });
    expect(job.artifacts.map(({ type }) => type)).toEqual(['junit']);
    expect(said.filter((line) => line.startsWith('bad:'))).toHaveLength(1);
  });
});

describe('what lies there until GitLab has it', () => {
  it('is used again as it is, and half of it never', async () => {
    const { deliver, job, state } = await running();
    const attemptId = await bringBack({ 'slipway-artifacts/0/a': '1' });
    gitlab.faults.add({ call: 'upload', times: 1_000, status: 503 });
    const dying = new AbortController();
    const dead = deliver([{ attemptId }], [plan()], { signal: dying.signal });
    await waitFor(() => gitlab.requestsOf('upload').some(({ path }) => path.includes(`/${job.id}/`)), {
      what: 'a try',
    });
    dying.abort();
    await expect(dead).rejects.toMatchObject({ code: 'gitlab.aborted' });
    gitlab.faults.clear();
    const [own = ''] = await readdir(state);
    await writeFile(join(state, own, '0.part'), 'half');
    monitor.zips.set(attemptId, Buffer.from('something else by now'));
    expect(await deliver([{ attemptId }])).toEqual({ is: 'delivered' });
    expect(await unzipped(job.artifacts[0]?.bytes)).toEqual({ a: '1' });
  });

  it('goes after a week when nobody wants it any more', async () => {
    const state = await mkdtemp(join(directory, 'sweep-'));
    for (const name of ['old', 'new']) await writeFile(join(state, name), '');
    await utimes(join(state, 'old'), new Date(0), new Date(0));
    await sweepArtifacts(state);
    expect(await readdir(state)).toEqual(['new']);
    await sweepArtifacts(join(state, 'none'));
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  type CiJob,
  GitLabServer,
  JobClient,
  Masker,
  maskRulesOf,
  openDependency,
  patiently,
  RunnerClient,
  type StateSet,
  systemIdOf,
  traceChecksum,
  uploadArtifact,
} from '#gitlab';
import {
  startGitLab,
  type TestGitLab,
  type TestPipeline,
  type TestProject,
} from '../../../test/gitlab/index.js';

const yaml = `
stages: [build, test]
build:
  stage: build
  script: [make]
  artifacts: { paths: [out/], expire_in: 1 day }
check:
  stage: test
  script: [make check]
`;
/** An empty zip. */
const zip = Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex');
/** Of a trace that is not what its sender says. */
const expectedComplaint = '14 bytes said, 13 came';
const curable = [408, 409, 429, 500, 502, 503, 504];

let gitlab: TestGitLab;
let project: TestProject;
let server: GitLabServer;
let runner: RunnerClient;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-gitlab-client-'));
  await writeFile(join(directory, 'artifacts.zip'), zip);
});
beforeEach(async () => {
  gitlab = await startGitLab({ limits: { longPollMs: 50, storingIntervalSeconds: 0 }, twoPhases: false });
  project = await gitlab.createProject({
    files: { '.gitlab-ci.yml': yaml },
    variables: [{ key: 'PASSWORD', value: 'correct-horse', masked: true }],
  });
  server = new GitLabServer(gitlab.url);
  const { token } = gitlab.createRunner();
  runner = new RunnerClient({ server, token, systemId: systemIdOf('house', 'main'), version: '1' });
});
afterEach(async () => {
  await server.close();
  await gitlab.close();
  // Nothing that a real GitLab lets pass, but a good runner does not do.
  expect(gitlab.complaints.filter((complaint) => !complaint.endsWith(expectedComplaint))).toEqual([]);
});
afterAll(() => rm(directory, { recursive: true }));

interface Taken {
  readonly job: CiJob;
  readonly client: JobClient;
  readonly pipeline: TestPipeline;
}

/** GitLab has to hear that it was taken: else it is given away again. */
async function takeNext(): Promise<CiJob> {
  const answer = await runner.requestJob();
  if (answer.is !== 'job') throw new Error(answer.is);
  const { id, token } = answer.job;
  await new JobClient({ server, id, token }).setState({ state: 'running' });
  return answer.job;
}

/** Tells the end until GitLab has stored the trace. */
async function end(client: JobClient, trace: Buffer): Promise<StateSet> {
  const state = { state: 'success', trace: { crc32: traceChecksum(trace), bytes: trace.length } } as const;
  for (let tries = 0; tries < 50; tries++) {
    const answer = await patiently(() => client.setState(state));
    if (answer.is !== 'not_yet') return answer;
  }
  throw new Error('GitLab does not store the trace');
}

async function take(): Promise<Taken> {
  const pipeline = await project.runPipeline();
  const job = await takeNext();
  return { job, client: new JobClient({ server, id: job.id, token: job.token }), pipeline };
}

const upload = (job: CiJob) =>
  uploadArtifact(
    { server, id: job.id, token: job.token },
    {
      path: join(directory, 'artifacts.zip'),
      filename: 'artifacts.zip',
      type: 'archive',
      format: 'zip',
      expireIn: '1 day',
    },
  );

describe('a whole job', () => {
  it('goes from the request to its end, with its trace masked, its artifacts, and those for the next one', async () => {
    expect(await runner.verify()).toEqual({ is: 'valid' });
    const { job, client, pipeline } = await take();
    expect(job).toMatchObject({ job_info: { name: 'build' }, artifacts: [{ paths: ['out/'] }] });
    expect(await client.setState({ state: 'running' })).toMatchObject({ is: 'taken', wanted: 'work' });
    const masker = new Masker(maskRulesOf(job));
    const trace = Buffer.concat([
      masker.write(Buffer.from('using correct-')),
      masker.write(Buffer.from(`horse and ${job.token}\n`)),
      masker.end(),
    ]);
    expect(await client.patchTrace(0, trace.subarray(0, 9))).toMatchObject({ is: 'taken', size: 9 });
    expect(await client.patchTrace(9, trace.subarray(9))).toMatchObject({ is: 'taken', size: trace.length });
    expect(await client.patchTrace(99, Buffer.from('x'))).toMatchObject({
      is: 'elsewhere',
      size: trace.length,
    });
    expect(await upload(job)).toEqual({ is: 'stored' });
    expect(await end(client, trace)).toMatchObject({ is: 'taken' });
    expect(pipeline.job('build').state).toBe('success');
    expect(pipeline.job('build').trace.toString()).toBe('using [MASKED] and [MASKED]\n');
    const next = await takeNext();
    const [dependency] = next.dependencies;
    if (!dependency) throw new Error('there is no dependency');
    const opened = await openDependency(server, dependency);
    expect(opened.is === 'found' && (await buffer(opened.body))).toEqual(zip);
    const over = new JobClient({ server, id: next.id, token: next.token });
    await over.setState({ state: 'failed', failureReason: 'script_failure', exitCode: 3 });
    expect(pipeline.job('check')).toMatchObject({ state: 'failed', exitCode: 3 });
    expect(await over.setState({ state: 'success' })).toMatchObject({ is: 'closed', wanted: 'stop' });
  });

  it('is told that its trace differs, and ends once all of it was sent again', async () => {
    const { client, pipeline } = await take();
    await client.patchTrace(0, Buffer.from('what was sent'));
    const right = Buffer.from('what was meant');
    expect((await end(client, right)).is).toBe('trace_differs');
    await client.patchTrace(0, right);
    expect((await end(client, right)).is).toBe('taken');
    expect(pipeline.job('build').trace.toString()).toBe('what was meant');
  });

  it('hears that it is cancelled in good order, and that it is over', async () => {
    const { client, pipeline } = await take();
    project.cancel(pipeline.job('build'));
    expect(await client.patchTrace(0, Buffer.from('after_script\n'))).toMatchObject({
      is: 'taken',
      wanted: 'cancel',
    });
    await client.setState({ state: 'failed', failureReason: 'script_failure' });
    expect(await client.patchTrace(13, Buffer.from('more'))).toMatchObject({ is: 'closed', wanted: 'stop' });
  });

  it('is stopped by a trace that is over the limit of GitLab', async () => {
    const { client } = await take();
    const { traceBytes } = gitlab.limits;
    gitlab.limits.traceBytes = 10;
    expect(await client.patchTrace(0, Buffer.alloc(20, 'x'))).toMatchObject({ is: 'closed', wanted: 'stop' });
    gitlab.limits.traceBytes = traceBytes;
  });

  it('keeps its artifacts: the same once more is well, others are refused, and too large is too large', async () => {
    const { job } = await take();
    expect(await upload(job)).toEqual({ is: 'stored' });
    expect(await upload(job)).toEqual({ is: 'stored' });
    await writeFile(
      join(directory, 'artifacts.zip'),
      Buffer.concat([zip.subarray(0, 20), Buffer.from([1, 0]), Buffer.from('x')]),
    );
    expect(await upload(job)).toMatchObject({ is: 'refused', status: 400 });
    await writeFile(join(directory, 'artifacts.zip'), zip);
    const { artifactBytes } = gitlab.limits;
    gitlab.limits.artifactBytes = 5;
    expect(await upload(job)).toMatchObject({ is: 'too_large' });
    gitlab.limits.artifactBytes = artifactBytes;
  });
});

describe('what waiting cures', () => {
  it.each(curable)('is done after %d, at every call', async (status) => {
    const calls: Record<string, number> = {};
    const fail = (call: string): void => {
      calls[call] = 1;
      gitlab.faults.add({ call, status });
    };
    fail('verify');
    await patiently(() => runner.verify());
    const { job, client } = await take();
    fail('trace');
    await patiently(() => client.patchTrace(0, Buffer.from('line\n')));
    fail('update');
    await patiently(() => client.setState({ state: 'running' }));
    fail('upload');
    expect(await patiently(() => upload(job))).toEqual({ is: 'stored' });
    fail('download');
    expect(await patiently(() => openDependency(server, job))).toMatchObject({ is: 'found' });
    for (const call of Object.keys(calls))
      expect(gitlab.requestsOf(call).filter((request) => request.status === status).length).toBeGreaterThan(
        0,
      );
    await client.setState({ state: 'failed', failureReason: 'script_failure' });
  });

  it('is done where the connection was cut after GitLab did what it was asked', async () => {
    const { job, client, pipeline } = await take();
    for (const call of ['trace', 'upload', 'update'])
      gitlab.faults.add({ call, cut: true, afterwards: true });
    const bytes = Buffer.from('once\n');
    const patched = await patiently(() => client.patchTrace(0, bytes));
    expect(patched).toHaveProperty('size', bytes.length);
    expect(await patiently(() => upload(job))).toEqual({ is: 'stored' });
    expect((await end(client, bytes)).is).not.toBe('trace_differs');
    expect(pipeline.job('build')).toMatchObject({ state: 'success' });
    expect(pipeline.job('build').trace.toString()).toBe('once\n');
  });
});

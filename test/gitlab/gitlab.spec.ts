import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from '#lab';
import { startGitLab, type TestGitLab, type TestProject } from './index.js';
import { BareRunner } from './test-runner.js';

const run = promisify(execFile);
const yaml = `
stages: [build, test]
build:
  stage: build
  script: [echo built]
  artifacts: { paths: [out/] }
check:
  stage: test
  script: [echo checked]
`;
/** An empty zip. */
const zip = Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex');

let gitlab: TestGitLab;
let project: TestProject;
let runner: BareRunner;

beforeEach(async () => {
  gitlab = await startGitLab({ limits: { longPollMs: 200 } });
  project = await gitlab.createProject({ files: { '.gitlab-ci.yml': yaml, 'data.txt': 'hello\n' } });
  runner = new BareRunner(gitlab, gitlab.createRunner());
});
afterEach(async () => {
  await gitlab.close();
});

describe('asking for a job', () => {
  it('gives jobs stage by stage, and 204 with the queue’s value when there is none', async () => {
    const pipeline = await project.runPipeline();
    const job = await runner.take();
    expect(job).toMatchObject({
      job_info: { name: 'build', project_full_path: 'lhcb/analysis' },
      image: null,
    });
    expect(pipeline.job('build').state).toBe('running');
    const none = await runner.request();
    expect([none.status, none.headers.get('x-gitlab-last-update')]).toEqual([204, runner.runner.queueValue]);
    expect((await runner.put(job, { state: 'success' })).status).toBe(200);
    expect((await runner.take())['job_info']).toMatchObject({ name: 'check' });
  });

  it('holds a request that knows the queue until a job comes', async () => {
    gitlab.limits.longPollMs = 60_000;
    const held = runner.request(runner.runner.queueValue);
    await waitFor(() => gitlab.requestsOf('request').length === 1, { what: 'the request' });
    await project.runPipeline();
    expect((await held).status).toBe(201);
  });

  it('refuses unknown tokens, bodies that are none, and system ids of another form', async () => {
    expect((await runner.call('POST', '/jobs/request', { token: 'glrt-nobody' })).status).toBe(403);
    expect((await runner.call('POST', '/jobs/request', {})).status).toBe(400);
    const { token } = runner.runner;
    expect((await runner.call('POST', '/jobs/request', { token, system_id: 'me' })).status).toBe(422);
    expect((await runner.call('POST', '/runners/verify', { token: 'glrt-nobody' })).status).toBe(403);
    expect((await runner.call('POST', '/runners/verify', { token })).status).toBe(200);
  });

  it('fails a job that needs a feature which the runner does not declare', async () => {
    const pipeline = await project.runPipeline({
      yaml: 'a: { script: [x], allow_failure: { exit_codes: 3 } }',
    });
    const plain = new BareRunner(gitlab, runner.runner, { variables: true });
    expect((await plain.request()).status).toBe(204);
    expect(pipeline.job('a')).toMatchObject({ state: 'failed', failureReason: 'runner_unsupported' });
  });

  it('gives a job to a runner with all of its tags only', async () => {
    await project.runPipeline({ yaml: 'a: { script: [x], tags: [grid, big] }' });
    expect((await runner.request()).status).toBe(204);
    const small = new BareRunner(gitlab, gitlab.createRunner({ tags: ['grid'] }));
    expect((await small.request()).status).toBe(204);
    const big = new BareRunner(gitlab, gitlab.createRunner({ tags: ['grid', 'big', 'more'] }));
    expect((await big.request()).status).toBe(201);
  });

  it('waits in two phases for a runner that can confirm', async () => {
    const pipeline = await project.runPipeline();
    const careful = new BareRunner(gitlab, runner.runner, { two_phase_job_commit: true });
    const job = await careful.take();
    expect(pipeline.job('build').state).toBe('pending');
    expect((await runner.request()).status).toBe(204);
    expect((await careful.put(job, { state: 'pending' })).status).toBe(200);
    expect((await careful.put(job, { state: 'success' })).status).toBe(400);
    expect((await careful.put(job, { state: 'running' })).status).toBe(200);
    expect(pipeline.job('build').state).toBe('running');
  });
});

describe('the trace', () => {
  it('grows by bytes, answers 416 with its size for a gap, and 202 for what it has already', async () => {
    const pipeline = await project.runPipeline();
    const job = await runner.take();
    const first = await runner.patch(job, 0, 'grüße\n');
    expect([first.status, first.headers.get('range'), first.headers.get('job-status')]).toEqual([
      202,
      '0-8',
      'running',
    ]);
    expect(first.headers.get('x-gitlab-trace-update-interval')).toBe('3');
    const gap = await runner.patch(job, 9, 'x');
    expect([gap.status, gap.headers.get('range')]).toEqual([416, '0-8']);
    const overlap = await runner.patch(job, 4, 'abcdefgh');
    expect([overlap.status, overlap.headers.get('range')]).toEqual([416, '0-8']);
    expect((await runner.patch(job, 0, 'grüße\n')).status).toBe(202);
    expect(pipeline.job('build').trace.toString('utf8')).toBe('grüße\n');
    expect(gitlab.complaints).toEqual([]);
  });

  it('needs the header Content-Range and the job’s own token', async () => {
    await project.runPipeline();
    const job = await runner.take();
    const none = await fetch(`${gitlab.url}/api/v4/jobs/${job.id}/trace`, {
      method: 'PATCH',
      headers: { 'JOB-TOKEN': job.token, 'content-type': 'text/plain' },
      body: 'x',
    });
    expect(none.status).toBe(400);
    expect((await runner.patch({ ...job, token: 'other' }, 0, 'x')).status).toBe(403);
    expect((await runner.patch({ ...job, id: 1 }, 0, 'x')).status).toBe(403);
  });

  it('drops the job whose trace is too long', async () => {
    gitlab.limits.traceBytes = 10;
    const pipeline = await project.runPipeline();
    const job = await runner.take();
    expect((await runner.patch(job, 0, '0123456789')).status).toBe(403);
    expect(pipeline.job('build')).toMatchObject({ state: 'failed', failureReason: 'trace_size_exceeded' });
    const after = await runner.put(job, { state: 'failed' });
    expect([after.status, after.headers.get('job-status')]).toEqual([403, 'failed']);
  });
});

describe('the state', () => {
  it('is 202 until the trace is stored, then 200, then 403', async () => {
    const pipeline = await project.runPipeline();
    const job = await runner.take();
    await runner.patch(job, 0, 'done\n');
    const first = await runner.finish(job, 'done\n', { state: 'success' });
    expect([first.status, first.headers.get('x-gitlab-trace-update-interval')]).toEqual([202, '1']);
    expect((await runner.finish(job, 'done\n', { state: 'success' })).status).toBe(200);
    expect(pipeline.job('build').state).toBe('success');
    const late = await runner.finish(job, 'done\n', { state: 'success' });
    expect([late.status, late.headers.get('job-status')]).toEqual([403, 'success']);
  });

  it('is 412 for another checksum than the trace has, which then begins anew', async () => {
    gitlab.limits.storingPuts = 0;
    await project.runPipeline();
    const job = await runner.take();
    await runner.patch(job, 0, 'done\n');
    expect((await runner.finish(job, 'gone\n', { state: 'success' })).status).toBe(412);
    expect((await runner.patch(job, 5, 'more\n')).headers.get('range')).toBe('0-0');
    await runner.patch(job, 0, 'gone\n');
    expect((await runner.finish(job, 'gone\n', { state: 'success' })).status).toBe(200);
  });

  it('takes the failure’s reason and exit code, and lets the pipeline go on where it may fail', async () => {
    const yaml =
      'stages: [a, b]\na: { stage: a, script: [x], allow_failure: { exit_codes: [3] } }\nb: { stage: b, script: [x] }';
    const pipeline = await project.runPipeline({ yaml });
    const job = await runner.take();
    expect((await runner.put(job, { state: 'failed', failure_reason: 'made_up', exit_code: 3 })).status).toBe(
      200,
    );
    expect(pipeline.job('a')).toMatchObject({
      failureReason: 'unknown_failure',
      exitCode: 3,
      allowedToFail: true,
    });
    expect(pipeline.job('b').state).toBe('pending');
  });

  it('refuses what is no state', async () => {
    await project.runPipeline();
    const job = await runner.take();
    expect((await runner.put(job, { state: 'pending' })).status).toBe(400);
    expect((await runner.put(job, { state: 'done' })).status).toBe(400);
    expect((await runner.put(job, { state: 'failed', exit_code: 'three' })).status).toBe(400);
  });

  it('is canceling for a runner that cancels gently, and canceled at once for another', async () => {
    const pipeline = await project.runPipeline({ yaml: 'a: { script: [x] }\nb: { script: [x] }' });
    const gentle = await runner.take();
    const other = new BareRunner(gitlab, runner.runner, { cancelable: true });
    const rough = await other.take();
    for (const job of pipeline.jobs()) project.cancel(job);
    expect((await runner.patch(gentle, 0, 'x')).headers.get('job-status')).toBe('canceling');
    const refused = await other.patch(rough, 0, 'x');
    expect([refused.status, refused.headers.get('job-status')]).toEqual([403, 'canceled']);
    expect((await runner.put(gentle, { state: 'failed' })).status).toBe(200);
    expect(pipeline.jobs().map(({ state }) => state)).toEqual(['canceled', 'canceled']);
  });
});

describe('artifacts', () => {
  it('come once, and the same bytes again; others are refused', async () => {
    const pipeline = await project.runPipeline();
    const job = await runner.take();
    expect((await runner.upload(job, zip, { expire_in: '1 day' })).status).toBe(201);
    expect((await runner.upload(job, zip)).status).toBe(201);
    expect((await runner.upload(job, Buffer.concat([zip, zip]))).status).toBe(400);
    expect(pipeline.job('build').artifacts).toEqual([
      expect.objectContaining({ type: 'archive', expireIn: '1 day' }),
    ]);
  });

  it('are refused when too large, of an unknown type, or of another format than their type has', async () => {
    await project.runPipeline();
    const job = await runner.take();
    gitlab.limits.artifactBytes = 10;
    expect((await runner.upload(job, zip)).status).toBe(413);
    gitlab.limits.artifactBytes = 1_000;
    expect((await runner.upload(job, zip, { artifact_type: 'thing' })).status).toBe(400);
    expect((await runner.upload(job, zip, { artifact_type: 'junit' })).status).toBe(400);
    expect((await runner.upload({ ...job, token: 'other' }, zip)).status).toBe(403);
  });

  it('go to the jobs that depend on them, directly or by the object storage, which is not to get their token', async () => {
    await project.runPipeline();
    const build = await runner.take();
    await runner.upload(build, zip);
    await runner.put(build, { state: 'success' });
    const [dependency] = (await runner.take()).dependencies;
    const url = `${gitlab.url}/api/v4/jobs/${dependency?.id}/artifacts`;
    const headers = { 'JOB-TOKEN': dependency?.token ?? '' };
    expect(Buffer.from(await (await fetch(url, { headers })).arrayBuffer())).toEqual(zip);
    const redirect = await fetch(`${url}?direct_download=true`, { headers, redirect: 'manual' });
    expect(redirect.status).toBe(302);
    const location = redirect.headers.get('location') ?? '';
    expect((await fetch(location, { headers: { authorization: 'Bearer x' } })).status).toBe(400);
    expect(gitlab.complaints).toEqual([]);
    expect((await fetch(location, { headers })).status).toBe(200);
    expect(gitlab.complaints).toHaveLength(1);
    expect((await fetch(location)).status).toBe(200);
    expect((await fetch(url)).status).toBe(403);
  });
});

describe('the repository', () => {
  it('is fetched with the running job’s token, by its refspecs, and by no other', async () => {
    await project.runPipeline();
    const { git_info: info, id, token } = await runner.take();
    const directory = await mkdtemp(join(tmpdir(), 'slipway-gitlab-test-'));
    try {
      await run('git', ['-C', directory, 'init', '--quiet']);
      const fetchArgs = ['-C', directory, 'fetch', '--quiet', '--depth=20', info.repo_url, ...info.refspecs];
      await run('git', fetchArgs);
      await run('git', ['-C', directory, 'checkout', '--quiet', info.sha]);
      expect(await readFile(join(directory, 'data.txt'), 'utf8')).toBe('hello\n');
      await runner.put({ id, token } as never, { state: 'success' });
      await expect(
        run('git', [...fetchArgs, '--force'], { env: { ...process.env, GIT_TERMINAL_PROMPT: '0' } }),
      ).rejects.toThrow(/Authentication|could not read|Access denied/);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe('what goes wrong on purpose', () => {
  it('answers as told so many times, and carries the call out all the same where told', async () => {
    const pipeline = await project.runPipeline();
    const job = await runner.take();
    gitlab.faults.add({ call: 'trace', status: 503, headers: { 'Retry-After': '7' } });
    const first = await runner.patch(job, 0, 'a');
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '7']);
    expect(pipeline.job('build').traceSize).toBe(0);
    gitlab.faults.add({ call: 'trace', cut: true, afterwards: true });
    await expect(runner.patch(job, 0, 'a')).rejects.toThrow();
    expect(pipeline.job('build').traceSize).toBe(1);
    expect((await runner.patch(job, 0, 'a')).status).toBe(202);
  });

  it('goes away, and comes back at the same address with all it knew', async () => {
    await project.runPipeline();
    const job = await runner.take();
    await gitlab.goDown();
    await expect(runner.patch(job, 0, 'a')).rejects.toThrow();
    await gitlab.comeBack();
    expect((await runner.patch(job, 0, 'a')).status).toBe(202);
  });
});

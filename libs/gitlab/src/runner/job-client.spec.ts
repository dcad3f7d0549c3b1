import { GitLabServer, JobClient } from '#gitlab';
import { json, scriptedServer, type ScriptedServer } from '../../test/scripted-server.js';

let gitlab: ScriptedServer;
let server: GitLabServer;
let job: JobClient;

beforeAll(async () => {
  gitlab = await scriptedServer();
  server = new GitLabServer(gitlab.url);
  job = new JobClient({ server, id: 42, token: 'job-secret' });
});
beforeEach(() => {
  gitlab.heard.length = 0;
});
afterAll(async () => {
  await server.close();
  await gitlab.close();
});

const bytes = Buffer.from('grün\n');

describe('a trace', () => {
  it('is sent in bytes, both ends of the range counted', async () => {
    const headers = { Range: '0-16', 'Job-Status': 'running', 'X-GitLab-Trace-Update-Interval': '60' };
    gitlab.answers = () => ({ status: 202, headers });
    expect(await job.patchTrace(10, bytes)).toEqual({
      is: 'taken',
      size: 16,
      intervalMs: 60_000,
      jobStatus: 'running',
      wanted: 'work',
    });
    expect(gitlab.heard[0]).toMatchObject({
      method: 'PATCH',
      path: '/api/v4/jobs/42/trace',
      headers: {
        'job-token': 'job-secret',
        'content-type': 'text/plain',
        'content-range': '10-15',
        'content-length': '6',
      },
      body: bytes,
    });
  });

  it('that shows what the shell does is said to be such, for GitLab shows it to fewer people', async () => {
    gitlab.answers = () => ({ status: 202, headers: { Range: '0-6' } });
    const debugged = new JobClient({ server, id: 42, token: 'job-secret', hasDebugTrace: true });
    await debugged.patchTrace(0, bytes);
    expect(gitlab.heard[0]?.path).toBe('/api/v4/jobs/42/trace?debug_trace=true');
  });

  it('goes on where GitLab says that it ends', async () => {
    gitlab.answers = () => ({ status: 416, headers: { Range: '0-7', 'Job-Status': 'running' } });
    expect(await job.patchTrace(10, bytes)).toMatchObject({ is: 'elsewhere', size: 7, wanted: 'work' });
  });

  it.each([
    ['running', 'work'],
    ['pending', 'work'],
    ['canceling', 'cancel'],
    ['canceled', 'stop'],
    ['failed', 'stop'],
  ])('hears by %s what is wanted: %s', async (status, wanted) => {
    gitlab.answers = () => ({ status: 202, headers: { Range: '0-6', 'Job-Status': status } });
    expect(await job.patchTrace(0, bytes)).toMatchObject({ is: 'taken', wanted, jobStatus: status });
  });

  it('is closed by 403, which means to stop at once, and goes on without a trace at 404', async () => {
    gitlab.answers = () =>
      json(403, { message: '403 Forbidden - Job is not running' }, { 'Job-Status': 'running' });
    expect(await job.patchTrace(0, bytes)).toMatchObject({
      is: 'closed',
      wanted: 'stop',
      words: '403 Forbidden - Job is not running',
    });
    gitlab.answers = () => ({ status: 404 });
    expect(await job.patchTrace(0, bytes)).toMatchObject({ is: 'missing', wanted: 'work' });
  });

  it.each([
    [409, 'gitlab.conflict'],
    [429, 'gitlab.rate_limited'],
    [408, 'gitlab.unavailable'],
    [502, 'gitlab.unavailable'],
  ])('is sent again after %d', async (status, code) => {
    gitlab.answers = () => ({ status });
    await expect(job.patchTrace(0, bytes)).rejects.toMatchObject({ code, temporary: true });
  });

  it('is not sent again where GitLab does not take it', async () => {
    gitlab.answers = () => json(400, { error: 'missing content-range' });
    expect(await job.patchTrace(0, bytes)).toMatchObject({
      is: 'refused',
      status: 400,
      words: expect.stringMatching(/trace answered 400: missing content-range$/),
      wanted: 'work',
    });
    gitlab.answers = () => ({ status: 416 });
    expect(await job.patchTrace(0, bytes)).toMatchObject({ is: 'refused', status: 416 });
  });
});

describe('the state of a job', () => {
  it('is told with the reason, the exit code and what the trace is', async () => {
    gitlab.answers = () => ({ status: 200, headers: { 'Job-Status': 'failed' }, body: 'true' });
    const answer = await job.setState({
      state: 'failed',
      failureReason: 'script_failure',
      exitCode: 3,
      trace: { crc32: 0xabc, bytes: 77 },
    });
    expect(answer).toMatchObject({ is: 'taken' });
    expect(gitlab.heard[0]).toMatchObject({ method: 'PUT', path: '/api/v4/jobs/42' });
    expect(JSON.parse(gitlab.heard[0]?.body.toString() ?? '')).toEqual({
      token: 'job-secret',
      state: 'failed',
      failure_reason: 'script_failure',
      exit_code: 3,
      checksum: 'crc32:00000abc',
      output: { checksum: 'crc32:00000abc', bytesize: 77 },
    });
  });

  it.each([
    [202, { is: 'not_yet', intervalMs: 3_000, wanted: 'work' }],
    [400, { is: 'refused', words: 'said so' }],
    [403, { is: 'closed', wanted: 'stop', words: 'said so' }],
    [404, { is: 'missing' }],
    [412, { is: 'trace_differs', wanted: 'work' }],
  ])('is answered by %d', async (status, expected) => {
    gitlab.answers = () => json(status, { message: 'said so' }, { 'X-GitLab-Trace-Update-Interval': '3' });
    expect(await job.setState({ state: 'success' })).toMatchObject(expected);
  });

  it.each([409, 429, 500, 503])('is told again after %d', async (status) => {
    gitlab.answers = () => ({ status });
    await expect(job.setState({ state: 'running' })).rejects.toMatchObject({ temporary: true });
  });

  it('hears of a cancellation when it keeps the job alive', async () => {
    gitlab.answers = () => ({ status: 200, headers: { 'Job-Status': 'canceling' } });
    expect(await job.setState({ state: 'running' })).toMatchObject({ is: 'taken', wanted: 'cancel' });
  });
});

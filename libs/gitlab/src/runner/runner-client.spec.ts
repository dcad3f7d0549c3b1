import { GitLabServer, RunnerClient, runnerFeatures, systemIdOf } from '#gitlab';
import { json, scriptedServer, type ScriptedServer } from '../../test/scripted-server.js';

let gitlab: ScriptedServer;
let server: GitLabServer;
let runner: RunnerClient;

beforeAll(async () => {
  gitlab = await scriptedServer();
});
beforeEach(() => {
  gitlab.heard.length = 0;
  server = new GitLabServer(`${gitlab.url}/under/a/path/`);
  runner = new RunnerClient({
    server,
    token: 'glrt-secret',
    systemId: systemIdOf('house', 'cms'),
    version: '1.2',
  });
});
afterEach(() => server.close());
afterAll(() => gitlab.close());

const bodyOf = (index: number): unknown => JSON.parse(gitlab.heard[index]?.body.toString() ?? 'null');

describe('a runner that asks for a job', () => {
  it('says who it is and what it can, below the path that GitLab lives at', async () => {
    gitlab.answers = () => ({ status: 204 });
    await runner.requestJob();
    expect(gitlab.heard[0]).toMatchObject({
      method: 'POST',
      path: '/under/a/path/api/v4/jobs/request',
      headers: { 'runner-token': 'glrt-secret', 'content-type': 'application/json' },
    });
    expect(bodyOf(0)).toMatchObject({
      token: 'glrt-secret',
      system_id: expect.stringMatching(/^s_[0-9a-zA-Z]{12}$/) as unknown,
      info: { name: 'slipway', version: '1.2', features: runnerFeatures },
    });
    expect(bodyOf(0)).not.toHaveProperty('last_update');
  });

  it('gives back the last update that GitLab named, over connections that are kept', async () => {
    gitlab.answers = () => ({ status: 204, headers: { 'X-GitLab-Last-Update': 'abc123' } });
    expect(await runner.requestJob()).toEqual({ is: 'none' });
    await runner.requestJob();
    gitlab.answers = () => ({ status: 204 });
    await runner.requestJob();
    await runner.requestJob();
    expect([1, 2, 3].map((index) => bodyOf(index))).toEqual(
      [1, 2, 3].map(() => expect.objectContaining({ last_update: 'abc123' }) as unknown),
    );
    expect(new Set(gitlab.heard.map(({ from }) => from)).size).toBeLessThan(4);
  });

  it('reads the job of a 201', async () => {
    gitlab.answers = () => json(201, { id: 9, token: 'job-secret', image: null });
    expect(await runner.requestJob()).toMatchObject({ is: 'job', job: { id: 9, variables: [] } });
  });

  it('knows the job that it cannot read, so that it can be told that it failed', async () => {
    const odd = { id: 9, token: 'job-secret', variables: 'none' };
    gitlab.answers = () => json(201, odd);
    expect(await runner.requestJob()).toEqual({ is: 'unreadable', id: 9, token: 'job-secret', json: odd });
  });

  it.each([
    [400, { is: 'refused', status: 400, words: 'system_id is invalid' }],
    [403, { is: 'refused', status: 403, words: 'system_id is invalid' }],
    [409, { is: 'lost' }],
    [422, { is: 'refused', status: 422, words: 'system_id is invalid' }],
  ])('takes %d as an answer', async (status, expected) => {
    gitlab.answers = () => json(status, { message: 'system_id is invalid' });
    expect(await runner.requestJob()).toEqual(expected);
  });

  it.each([
    [429, 'gitlab.rate_limited', 7],
    [500, 'gitlab.unavailable', 7],
    [503, 'gitlab.unavailable', 7],
  ])(
    'counts %d as temporary, with the time that GitLab asks for',
    async (status, code, retryAfterSeconds) => {
      gitlab.answers = () => ({ status, headers: { 'Retry-After': '7' } });
      await expect(runner.requestJob()).rejects.toMatchObject({ code, temporary: true, retryAfterSeconds });
    },
  );

  it('says where GitLab has moved to, for a question is not asked elsewhere by itself', async () => {
    gitlab.answers = () => ({
      status: 301,
      headers: { location: 'https://new.example.org/api/v4/jobs/request?x=1' },
    });
    await expect(runner.requestJob()).rejects.toMatchObject({
      code: 'gitlab.refused',
      temporary: false,
      message: expect.stringContaining('moved to https://new.example.org/api/v4/jobs/request:') as unknown,
    });
  });

  it('counts a connection that breaks as temporary, and tells no secret of it', async () => {
    gitlab.answers = () => 'hang_up';
    const error: unknown = await runner.requestJob().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'gitlab.unreachable', temporary: true });
    expect(String(error)).not.toContain('glrt-');
  });
});

describe('a runner that is verified', () => {
  it('tells its features, for GitLab keeps the first that it hears for long', async () => {
    gitlab.answers = () => json(200, { id: 1, token: 'glrt-secret' });
    expect(await runner.verify()).toEqual({ is: 'valid' });
    expect(bodyOf(0)).toMatchObject({ info: { features: { cancel_gracefully: true } } });
  });

  it.each([403, 404, 422])('is refused by %d, with the words of GitLab', async (status) => {
    gitlab.answers = () => json(status, { message: '403 Forbidden' });
    expect(await runner.verify()).toEqual({ is: 'refused', words: '403 Forbidden' });
  });
});

describe('the id of the system', () => {
  it('is the same for every copy of a house, and another for another runner', () => {
    expect(systemIdOf('house', 'cms')).toBe(systemIdOf('house', 'cms'));
    expect(systemIdOf('house', 'cms')).not.toBe(systemIdOf('house', 'lhcb'));
    expect(systemIdOf('house', 'cms')).not.toBe(systemIdOf('other', 'cms'));
  });
});

import { type CommitStatus, GitLabServer, setCommitStatus, type StatusSet } from '#gitlab';
import { json, scriptedServer, type ScriptedServer } from '../../test/scripted-server.js';

let gitlab: ScriptedServer;
let server: GitLabServer;

beforeAll(async () => {
  gitlab = await scriptedServer();
  server = new GitLabServer(gitlab.url);
});
beforeEach(() => {
  gitlab.heard.length = 0;
});
afterAll(async () => {
  await server.close();
  await gitlab.close();
});

const sha = 'a'.repeat(40);
const set = (more: Partial<CommitStatus> = {}): Promise<StatusSet> =>
  setCommitStatus(server, 'glpat-secret', {
    project: 'lhcb/app',
    sha,
    state: 'running',
    name: 'grid',
    ...more,
  });

describe('a commit status', () => {
  it('says what is known, and nothing of what is not', async () => {
    gitlab.answers = () => json(201, { id: 1, status: 'running', pipeline_id: 5, ref: 'main' });
    const answer = await set({ targetUrl: 'https://slipway/groups/1', description: 'x'.repeat(300) });
    expect(answer).toEqual({ is: 'set', pipelineId: 5, ref: 'main' });
    expect(gitlab.heard[0]).toMatchObject({
      method: 'POST',
      path: `/api/v4/projects/lhcb%2Fapp/statuses/${sha}`,
      headers: { 'private-token': 'glpat-secret' },
    });
    expect(JSON.parse(gitlab.heard[0]?.body.toString() ?? '')).toEqual({
      state: 'running',
      name: 'grid',
      target_url: 'https://slipway/groups/1',
      description: 'x'.repeat(255),
    });
  });

  it('goes to the pipeline and the ref that are known', async () => {
    gitlab.answers = () => json(201, {});
    expect(await set({ ref: 'main', pipelineId: 5 })).toEqual({ is: 'set' });
    expect(JSON.parse(gitlab.heard[0]?.body.toString() ?? '')).toMatchObject({ ref: 'main', pipeline_id: 5 });
  });

  it('hears that there is no step from one state to the next', async () => {
    const message = 'Cannot transition status via :run from :running (Reason(s): Status cannot transition)';
    gitlab.answers = () => json(400, { message });
    expect(await set()).toEqual({ is: 'no_such_step', words: message });
  });

  it.each([400, 401, 403, 404, 422])('is refused by %d', async (status) => {
    gitlab.answers = () => json(status, { message: { name: ['is too long'] } });
    expect(await set()).toEqual({ is: 'refused', status, words: '{"name":["is too long"]}' });
  });

  it.each([409, 429, 500])('is told again after %d', async (status) => {
    gitlab.answers = () => ({ status });
    await expect(set()).rejects.toMatchObject({ temporary: true });
  });
});

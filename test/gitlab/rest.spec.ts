import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { listenOnFreePort } from '#embedded';
import { waitFor } from '#lab';
import { type Person, startGitLab, type TestGitLab, type TestProject } from './index.js';
import { BareRunner } from './test-runner.js';

const yaml = 'job: { script: [x], id_tokens: { TOKEN: { aud: https://grid.example } } }';

let gitlab: TestGitLab;
let alice: Person;
let token: string;
let project: TestProject;
let sha: string;

beforeEach(async () => {
  gitlab = await startGitLab();
  alice = gitlab.addPerson('alice');
  token = gitlab.addToken(alice);
  project = await gitlab.createProject({ files: { '.gitlab-ci.yml': yaml }, owner: alice });
  sha = await project.commit({ files: { more: 'more' } });
});
afterEach(async () => {
  await gitlab.close();
});

async function call(method: string, path: string, body?: object, by = token): Promise<Response> {
  return fetch(`${gitlab.url}/api/v4/projects/${project.id}${path}`, {
    method,
    headers: { 'PRIVATE-TOKEN': by, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

async function setStatus(
  body: object,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await call('POST', `/statuses/${sha}`, { name: 'grid', ref: 'main', ...body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a commit status', () => {
  it('goes its way, in a pipeline that is made for it, and begins anew after its end', async () => {
    const first = await setStatus({ state: 'pending', target_url: 'https://slipway.example/1' });
    expect(first).toMatchObject({ status: 201, body: { status: 'pending', name: 'grid', ref: 'main' } });
    const { id, pipeline_id: pipelineId } = first.body;
    expect(await setStatus({ state: 'running', pipeline_id: pipelineId })).toMatchObject({ body: { id } });
    expect(await setStatus({ state: 'success', pipeline_id: pipelineId })).toMatchObject({ body: { id } });
    const next = await setStatus({ state: 'pending', pipeline_id: pipelineId });
    expect(next.status).toBe(201);
    expect(next.body['id']).not.toBe(id);
    expect(project.statuses.map(({ history }) => history)).toEqual([
      ['pending', 'running', 'success'],
      ['pending'],
    ]);
  });

  it('does not go where it is already, nor back', async () => {
    await setStatus({ state: 'running' });
    const again = await setStatus({ state: 'running' });
    expect(again.status).toBe(400);
    expect(again.body['message']).toContain('Cannot transition status via :run from :running');
    expect((await setStatus({ state: 'pending' })).status).toBe(400);
    expect((await setStatus({ state: 'finished' })).status).toBe(400);
  });

  it('is refused for what is not there, and for who may not set it', async () => {
    expect((await setStatus({ state: 'pending', pipeline_id: 1 })).status).toBe(404);
    expect((await call('POST', `/statuses/${'0'.repeat(40)}`, { state: 'pending' })).status).toBe(404);
    expect((await setStatus({ state: 'pending', target_url: 'ftp://x' })).status).toBe(400);
    expect((await setStatus({ state: 'pending', description: 'x'.repeat(256) })).status).toBe(400);
    expect((await call('POST', `/statuses/${sha}`, { state: 'pending' }, 'glpat-nobody')).status).toBe(401);
    const bob = gitlab.addPerson('bob');
    const byBob = gitlab.addToken(bob);
    expect((await call('POST', `/statuses/${sha}`, { state: 'pending' }, byBob)).status).toBe(404);
    project.addMember(bob, 20);
    expect((await call('POST', `/statuses/${sha}`, { state: 'pending' }, byBob)).status).toBe(403);
  });
});

describe('pipelines and jobs over the API', () => {
  it('are started, looked at and cancelled with a personal access token', async () => {
    const started = await call('POST', '/pipeline', { ref: 'main' });
    expect(started.status).toBe(201);
    const { id } = (await started.json()) as { readonly id: number };
    const jobs = (await (await call('GET', `/pipelines/${id}/jobs`)).json()) as readonly {
      readonly id: number;
    }[];
    expect(jobs).toEqual([expect.objectContaining({ name: 'job', status: 'pending' })]);
    const path = `/jobs/${jobs[0]?.id ?? 0}`;
    expect(await (await call('POST', `${path}/cancel`)).json()).toMatchObject({ status: 'canceled' });
    expect((await call('GET', `${path}/artifacts`)).status).toBe(404);
    expect((await call('POST', '/pipeline', { ref: 'nowhere' })).status).toBe(400);
  });

  it('tell who is a member, and what is in a file', async () => {
    const member = await (await call('GET', `/members/all/${alice.id}`)).json();
    expect(member).toMatchObject({ username: 'alice', access_level: 50 });
    expect((await call('GET', '/members/all/1')).status).toBe(404);
    expect(await (await call('GET', '/repository/files/more/raw?ref=main')).text()).toBe('more');
  });
});

describe('a job that runs', () => {
  it('has an ID token that the published keys confirm', async () => {
    await project.runPipeline();
    const job = await new BareRunner(gitlab, gitlab.createRunner()).take();
    const idToken = job.variables.find(({ key }) => key === 'TOKEN');
    const [header = '', payload = '', signature = ''] = idToken?.value.split('.') ?? [];
    const keys = (await (await fetch(`${gitlab.url}/oauth/discovery/keys`)).json()) as {
      readonly keys: readonly JsonWebKey[];
    };
    const key = createPublicKey({ key: keys.keys[0] ?? {}, format: 'jwk' });
    const signed = Buffer.from(`${header}.${payload}`);
    expect(verify('sha256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      iss: gitlab.url,
      aud: 'https://grid.example',
      sub: 'project_path:lhcb/analysis:ref_type:branch:ref:main',
      user_login: 'alice',
      ref_protected: 'true',
      job_id: String(job.id),
    });
    expect(idToken?.masked).toBe(true);
  });

  it('is dropped when its runner is silent for too long, and tried again where it may be', async () => {
    const pipeline = await project.runPipeline({ yaml: 'job: { script: [x], retry: 1 }' });
    await new BareRunner(gitlab, gitlab.createRunner()).take();
    const first = pipeline.job('job');
    gitlab.limits.silenceMs = 0;
    await waitFor(() => first.state === 'failed', { what: 'the silent job to be dropped' });
    expect(first.failureReason).toBe('stuck_or_timeout_failure');
    expect(pipeline.job('job')).toMatchObject({ retried: 1, state: 'pending' });
  });
});

describe('a hook', () => {
  it('is told of a push, with its token', async () => {
    const heard: { readonly headers: IncomingHttpHeaders; readonly body: unknown }[] = [];
    const server = createServer((request, response) => {
      void (async () => {
        heard.push({ headers: request.headers, body: await json(request) });
        response.end();
      })();
    });
    const port = await listenOnFreePort(server);
    try {
      const url = `http://127.0.0.1:${port}/hooks`;
      expect((await call('POST', '/hooks', { url, token: 'secret', push_events: true })).status).toBe(201);
      const after = await project.commit({ files: { other: 'x' } });
      await waitFor(() => heard.length === 1, { what: 'the push hook' });
      expect(heard[0]).toMatchObject({
        headers: { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': 'secret' },
        body: { object_kind: 'push', before: sha, after, ref: 'refs/heads/main', user_username: 'alice' },
      });
    } finally {
      server.close();
    }
  });
});

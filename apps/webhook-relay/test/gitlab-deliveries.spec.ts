import { fixture } from './fixture.js';
import { relayWorld } from './relay-world.js';
import { standardSignature } from './signatures.js';
import { nextSigningKey, secrets, signingKey } from './sources.js';

// Real: the relay as a process, HTTP, RabbitMQ. Imitated: GitLab, with the payloads of its documentation.
const world = relayWorld(import.meta.url);

const token = { 'x-gitlab-token': secrets.NEW, 'x-gitlab-instance': 'https://gitlab.example.org' };

const expectations: readonly (readonly [string, string, object])[] = [
  [
    'push',
    'gitlab.push.v1',
    {
      project: { id: 15, path: 'mike/diaspora' },
      ref: 'refs/heads/master',
      change: 'updated',
      after: 'da1560886d4f094c3e6c9ef40349f7d38b5d27d7',
      user: { id: 4, name: 'John Smith' },
      totalCommits: 4,
      commits: [{ title: 'Update Catalan translation to e38cb41.' }, { title: 'fixed readme' }],
      instance: 'https://gitlab.example.org',
    },
  ],
  ['tag', 'gitlab.tag_push.v1', { ref: 'refs/tags/v1.0.0', change: 'created' }],
  [
    'merge-request',
    'gitlab.merge_request.v1',
    { iid: 1, state: 'opened', action: 'open', sourceBranch: 'ms-viewport', targetBranch: 'master' },
  ],
  [
    'pipeline',
    'gitlab.pipeline.v1',
    {
      id: 31,
      status: 'success',
      seconds: 63,
      variableKeys: ['NESTOR_PROD_ENVIRONMENT'],
      createdAt: '2016-08-12T15:23:28.000Z',
      mergeRequest: { iid: 1 },
    },
  ],
  [
    'job',
    'gitlab.job.v1',
    {
      id: 1977,
      name: 'test',
      status: 'created',
      pipelineId: 2366,
      failureReason: 'script_failure',
      project: { id: 380, path: 'gitlab-org/gitlab-test' },
      runner: { id: 380_987 },
    },
  ],
  ['build', 'gitlab.job.v1', { id: 1977, pipelineId: 2366 }],
  [
    'comment-merge-request',
    'gitlab.note.v1',
    {
      id: 1244,
      on: 'MergeRequest',
      text: 'This MR needs work.',
      mergeRequest: { iid: 1 },
      confidential: false,
    },
  ],
  ['issue', 'gitlab.issue.v1', { iid: 23, project: { id: 14 }, action: 'open', confidential: false }],
  ['release', 'gitlab.release.v1', { tag: 'v1.1', action: 'create', assets: [{ name: 'Changelog' }] }],
  [
    'deployment',
    'gitlab.deployment.v1',
    { id: 15, status: 'success', environment: 'staging', sha: '279484c09fbe69ededfced8c1bb6e6d24616b468' },
  ],
  ['system-push', 'gitlab.push.v1', { project: { id: 15, path: 'mike/diaspora' } }],
];

describe('a hook of GitLab', () => {
  it.each(expectations)('%s is %s with what consumers need', async (name, key, payload) => {
    const answer = await world.relay.post('gitlab', fixture(`gitlab/${name}.json`), {
      ...token,
      'x-gitlab-event': name.startsWith('system') ? 'System Hook' : 'Some Hook',
    });
    expect(answer).toMatchObject({ status: 202, text: '{"published":1,"dropped":0}' });
    expect(await world.sink.take()).toMatchObject([{ key, payload }]);
  });

  it('never carries the values of pipeline variables, nor e-mail addresses', async () => {
    for (const [name] of expectations)
      await world.relay.post('gitlab', fixture(`gitlab/${name}.json`), token);
    const said = JSON.stringify(await world.sink.take());
    expect(said).toContain('NESTOR_PROD_ENVIRONMENT');
    expect(said).not.toContain('us-west-1');
    expect(said).not.toMatch(/[a-z]@[a-z]/);
  });

  it('about the instance itself is gitlab.system', async () => {
    const body = JSON.stringify({
      event_name: 'project_create',
      created_at: '2012-07-21T07:30:54Z',
      project_id: 74,
      path_with_namespace: 'jsmith/storecloud',
      owner_email: 'johnsmith@example.com',
    });
    await world.relay.post('gitlab', body, { ...token, 'x-gitlab-event': 'System Hook' });
    const events = await world.sink.take();
    expect(events).toMatchObject([
      {
        key: 'gitlab.system.v1',
        payload: { event: 'project_create', project: { id: 74, path: 'jsmith/storecloud' } },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('johnsmith@');
  });

  it('about a deleted branch says so', async () => {
    const body = JSON.parse(fixture('gitlab/push.json').toString()) as Record<string, unknown>;
    const gone = { ...body, after: '0'.repeat(40), checkout_sha: null };
    await world.relay.post('gitlab', JSON.stringify(gone), token);
    const [event] = await world.sink.take();
    expect(event?.payload).toMatchObject({ change: 'deleted' });
    expect(event?.payload['after']).toBeUndefined();
  });

  it('about something confidential keeps its words to itself', async () => {
    const body = JSON.parse(fixture('gitlab/issue.json').toString()) as Record<string, unknown>;
    await world.relay.post('gitlab', JSON.stringify({ ...body, event_type: 'confidential_issue' }), token);
    const [event] = await world.sink.take();
    expect(event?.payload).toMatchObject({ confidential: true, iid: 23 });
    expect(event?.payload['title']).toBeUndefined();
  });

  it('of a kind that nobody knows, or that lacks what an event needs, is accepted', async () => {
    const unknown = await world.relay.post('gitlab', '{"object_kind":"emoji"}', token);
    expect(unknown).toMatchObject({ status: 202, text: '{"published":0,"dropped":1}' });
    const bare = await world.relay.post('gitlab', '{"object_kind":"pipeline"}', token);
    expect(bare).toMatchObject({ status: 202, text: '{"published":0,"dropped":1}' });
  });

  it('that is sent again has the same id: by its Idempotency-Key, and without one by its content', async () => {
    const body = fixture('gitlab/tag.json');
    const key = { 'idempotency-key': 'b2fbbfe1' };
    for (const headers of [key, key, {}, {}, { 'idempotency-key': 'another' }])
      await world.relay.post('gitlab', body, { ...token, ...headers });
    const ids = (await world.sink.take()).map(({ id }) => id);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).toBe(ids[3]);
    expect(new Set(ids).size).toBe(3);
  });
});

describe('the proof of a GitLab hook', () => {
  const body = fixture('gitlab/push.json');

  it('is its signature, under either key', async () => {
    for (const key of [signingKey, nextSigningKey]) {
      const signed = standardSignature(key, `id-${key.length}`, body);
      expect((await world.relay.post('gitlab-signed', body, signed)).status).toBe(202);
    }
  });

  it('fails with a bad signature, even beside a good token', async () => {
    const signed = standardSignature(signingKey, 'id', 'other bytes');
    expect((await world.relay.post('gitlab', body, { ...token, ...signed })).status).toBe(401);
  });

  it.each([-301, 301])('fails when it was signed %i seconds from now', async (offset) => {
    const seconds = Math.floor(Date.now() / 1_000) + offset;
    const signed = standardSignature(signingKey, 'id', body, seconds);
    expect((await world.relay.post('gitlab-signed', body, signed)).status).toBe(401);
  });

  it('is no signing key sent as a token', async () => {
    expect((await world.relay.post('gitlab-signed', body, { 'x-gitlab-token': signingKey })).status).toBe(
      401,
    );
    expect((await world.relay.post('gitlab', body, { 'x-gitlab-token': signingKey })).status).toBe(401);
  });
});

import { createServer, type Server } from 'node:http';
import { type CiJob, ciJob, GitLabServer } from '#gitlab';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { listenOnFreePort } from '#embedded';
import { startGitLab } from '../../../test/gitlab/index.js';
import { JobPersons } from '../src/identity/job-persons.js';

const audience = 'https://slipway.example.org';

type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

/** A GitLab as far as keys and accounts go. */
async function keysAndAccounts(): Promise<{
  server: Server;
  url: string;
  key: Key;
  state: { isDown: boolean; codes: Map<string, number> };
}> {
  const { publicKey, privateKey: key } = await generateKeyPair('RS256');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] };
  const state = { isDown: false, codes: new Map<string, number>() };
  const answerTo = (url: string, token: unknown): readonly [number, object] => {
    if (state.isDown) return [503, {}];
    const code = state.codes.get(url);
    if (code !== undefined) return [code, {}];
    if (url === '/.well-known/openid-configuration') return [200, { issuer: base, jwks_uri: `${base}/keys` }];
    if (url === '/keys') return [200, keys];
    if (token !== 'glpat-api') return [401, {}];
    return url === '/api/v4/users/3' ? [200, { id: 3, username: 'ada' }] : [404, {}];
  };
  const server = createServer(({ url = '', headers }, response) => {
    const [status, body] = answerTo(url, headers['private-token']);
    response.writeHead(status).end(JSON.stringify(body));
  });
  const base = `http://127.0.0.1:${await listenOnFreePort(server)}`;
  return { server, url: base, key, state };
}

describe('the person behind a CI job, by the keys of GitLab', () => {
  let fake: Awaited<ReturnType<typeof keysAndAccounts>>;
  let server: GitLabServer;

  beforeAll(async () => {
    fake = await keysAndAccounts();
    server = new GitLabServer(fake.url);
  });
  beforeEach(() => {
    fake.state.isDown = false;
    fake.state.codes.clear();
  });
  afterAll(async () => {
    await server.close();
    fake.server.closeAllConnections();
    await new Promise((resolve) => fake.server.close(resolve));
  });

  const persons = (given: { requiresIdToken?: boolean; audience?: string | undefined } = {}): JobPersons =>
    new JobPersons({ audience, requiresIdToken: false, server: () => server, ...given });
  const gitlab = (apiToken?: string) => ({
    url: fake.url,
    at: new Date(),
    apiToken: apiToken ? () => apiToken : undefined,
  });

  const jobWith = (...variables: { key: string; value: string }[]): CiJob =>
    ciJob.parse({
      id: 42,
      token: 't',
      job_info: { project_id: 7, user_id: 3 },
      git_info: { sha: 'abc' },
      variables,
    });
  const login = (value: string) => ({ key: 'GITLAB_USER_LOGIN', value });
  const claims = {
    sub: 'project_path:a/b:ref_type:branch:ref:main',
    user_login: 'ada',
    project_id: '7',
    job_id: '42',
  };

  const token = async (
    more: JWTPayload = {},
    given: { key?: Key; issuer?: string; audience?: string; expires?: string } = {},
  ) => ({
    key: 'SLIPWAY_ID_TOKEN',
    value: await new SignJWT({ ...claims, sha: 'abc', ...more })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(given.issuer ?? fake.url)
      .setAudience(given.audience ?? audience)
      .setIssuedAt()
      .setExpirationTime(given.expires ?? '1h')
      .sign(given.key ?? fake.key),
  });

  it('is whom the token names, with their groups', async () => {
    const job = jobWith(login('ada'), await token({ groups_direct: ['atlas'] }));
    expect(await persons().of(job, gitlab())).toEqual({
      person: { name: 'ada', groups: ['atlas'] },
      known: 'by its ID token',
    });
  });

  it.each([
    ['of another job', { job_id: '41' }, {}, 'another job'],
    ['of another project', { project_id: '8' }, {}, 'another project'],
    ['of somebody else', { user_login: 'root' }, {}, 'but root started'],
    ['that has expired', {}, { expires: '-2m' }, 'has expired'],
    ['for another service', {}, { audience: 'https://vault' }, `has to be ${audience}`],
    ['of another GitLab', {}, { issuer: 'https://gitlab.evil' }, 'not made for this'],
  ])('is not told by a token %s', async (_what, more, given, words) => {
    const answer = await persons().of(jobWith(login('ada'), await token(more, given)), gitlab('glpat-api'));
    expect(answer).toHaveProperty('words', expect.stringContaining(words));
  });

  it('is told by a token that counted when the job came, however late it is looked at', async () => {
    const job = jobWith(login('ada'), await token({}, { expires: '10s' }));
    const before = { ...gitlab(), at: new Date() };
    expect(await persons().of(job, before)).toHaveProperty('person.name', 'ada');
    expect(await persons().of(job, { ...before, at: new Date(Date.now() + 120_000) })).toHaveProperty(
      'words',
    );
  });

  it('is not told by a token that somebody else signed, or that is none', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const forged = jobWith(login('ada'), await token({}, { key: privateKey }));
    expect(await persons().of(forged, gitlab())).toHaveProperty(
      'words',
      expect.stringContaining('signature'),
    );
    const none = jobWith(login('ada'), { key: 'SLIPWAY_ID_TOKEN', value: 'secret-no-token' });
    const answer = await persons().of(none, gitlab());
    expect(answer).toHaveProperty('words', expect.stringContaining('not a valid JWT'));
    expect(JSON.stringify(answer)).not.toContain('secret-no-token');
  });

  it('is not told by one of two tokens', async () => {
    const job = jobWith(await token(), await token({ user_login: 'root' }));
    expect(await persons().of(job, gitlab())).toHaveProperty(
      'words',
      expect.stringContaining('more than once'),
    );
  });

  it('has to be told by a token where the house wants it so; none is taken where it has no audience', async () => {
    expect(await persons({ requiresIdToken: true }).of(jobWith(login('ada')), gitlab())).toHaveProperty(
      'words',
    );
    const job = jobWith(login('ada'), await token());
    expect(await persons({ audience: undefined }).of(job, gitlab())).toHaveProperty('words');
  });

  it('waits for the keys of a GitLab that is away', async () => {
    fake.state.isDown = true;
    const job = jobWith(login('ada'), await token());
    await expect(persons().of(job, gitlab())).rejects.toMatchObject({ temporary: true });
  });

  it.each(
    ['/.well-known/openid-configuration', '/keys'].flatMap((url) =>
      [401, 403, 404, 408, 429, 500, 502, 503, 504].map((code) => [code, url] as const),
    ),
  )('waits after %d for %s', async (code, url) => {
    fake.state.codes.set(url, code);
    const job = jobWith(login('ada'), await token());
    const asked = persons();
    await expect(asked.of(job, gitlab())).rejects.toMatchObject({ temporary: true });
    fake.state.codes.clear();
    // Keys are asked for again after a pause of their own; another copy asks at once.
    expect(await persons().of(job, gitlab())).toMatchObject({ known: 'by its ID token' });
  });

  it.each([408, 409, 429, 500, 502, 503, 504])('waits after %d for the account', async (code) => {
    fake.state.codes.set('/api/v4/users/3', code);
    await expect(persons().of(jobWith(login('ada')), gitlab('glpat-api'))).rejects.toMatchObject({
      temporary: true,
    });
  });

  it.each([401, 403, 404])('is whom GitLab names after %d for the account', async (code) => {
    fake.state.codes.set('/api/v4/users/3', code);
    expect(await persons().of(jobWith(login('ada')), gitlab('glpat-api'))).toMatchObject({
      known: 'as GITLAB_USER_LOGIN says, which nobody checked',
    });
  });

  it('is asked of GitLab by the number of the account, where there is no token', async () => {
    expect(await persons().of(jobWith(login('ada')), gitlab('glpat-api'))).toMatchObject({
      person: { name: 'ada' },
      known: 'by the account in GitLab',
    });
    expect(await persons().of(jobWith(login('root')), gitlab('glpat-api'))).toHaveProperty('words');
  });

  it('is whom GitLab names where the house may not ask', async () => {
    for (const apiToken of [undefined, 'glpat-wrong'])
      expect(await persons().of(jobWith(login('ada')), gitlab(apiToken))).toMatchObject({
        person: { name: 'ada' },
        known: 'as GITLAB_USER_LOGIN says, which nobody checked',
      });
  });
});

describe('the ID token of a job of GitLab', () => {
  it('tells who started it', async () => {
    const gitlab = await startGitLab();
    const server = new GitLabServer(gitlab.url);
    try {
      const ada = gitlab.addPerson('ada');
      const script = `work:\n  script: [ls]\n  id_tokens:\n    SLIPWAY_ID_TOKEN: { aud: '${audience}' }\n`;
      const project = await gitlab.createProject({ files: { '.gitlab-ci.yml': script }, owner: ada });
      const runner = gitlab.createRunner();
      await project.runPipeline();
      const answer = await server.ask({
        method: 'POST',
        path: 'jobs/request',
        headers: { 'runner-token': runner.token },
        json: { token: runner.token, system_id: 's_abcdefghijkl', info: { features: {} } },
      });
      const persons = new JobPersons({ audience, requiresIdToken: true, server: () => server });
      expect(
        await persons.of(ciJob.parse(answer.json), { url: gitlab.url, at: new Date(), apiToken: undefined }),
      ).toMatchObject({
        person: { name: 'ada' },
        known: 'by its ID token',
      });
    } finally {
      await server.close();
      await gitlab.close();
    }
  });
});

import { type SpawnedService } from '#lab';
import { startOpenidProvider, type OpenidStandIn } from '../../../test/stand-ins/openid-provider/start.js';
import { type Answered, type Asking, askingWith } from './asking.js';
import { registryWorld } from './registry-world.js';

const publicUrl = 'https://slipway.example.org';

describe('a GitLab CI job', () => {
  let gitlab: OpenidStandIn;
  let copy: SpawnedService;
  let admin: Asking;

  beforeAll(async () => {
    gitlab = await startOpenidProvider({ redirectUris: ['https://unused.example/'] });
    const world = await registryWorld(import.meta.url);
    copy = await world.start({ SLIPWAY_GITLAB_ISSUERS: gitlab.issuer, SLIPWAY_PUBLIC_URL: publicUrl });
    admin = askingWith(copy.url, await world.adminKey(copy));
    const projects = [
      { name: 'analysis', url: `${gitlab.issuer}/atlas/analysis`, gitlabId: 42, path: 'atlas/analysis' },
      { name: 'generous', url: `${gitlab.issuer}/atlas/generous`, gitlabId: 43, ciTokens: 'change' },
      { name: 'elsewhere', url: 'https://gitlab.example/atlas/analysis', gitlabId: 44 },
    ];
    for (const project of projects) await admin('POST', '/api/v1/projects', project);
  });
  afterAll(async () => {
    await copy.kill();
    await gitlab.stop();
  });

  const job = {
    aud: publicUrl,
    sub: 'project_path:atlas/analysis:ref_type:branch:ref:main',
    project_id: '42',
    project_path: 'atlas/analysis',
    job_id: '7',
    ref_protected: 'true',
    user_login: 'ada',
  };
  const exchange = async (claims: object, fields: Record<string, string> = {}): Promise<Answered> => {
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: await gitlab.sign(claims),
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      ...fields,
    });
    const response = await fetch(`${copy.url}/api/v1/token`, { method: 'POST', body });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as unknown };
  };
  const asJob = async (claims: object): Promise<Asking> =>
    askingWith(copy.url, ((await exchange(claims)).body as { access_token: string }).access_token);

  it('gets a token of ten minutes for its project alone', async () => {
    const answer = await exchange(job);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toEqual({
      access_token: expect.stringMatching(/^slt_/),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 600,
    });
    const ask = await asJob(job);
    expect((await ask('GET', '/api/v1/me')).body).toMatchObject({
      via: 'ci-token',
      name: 'CI of atlas/analysis',
      onlyProjects: ['analysis'],
    });
    expect((await ask('GET', '/api/v1/projects/analysis')).status).toBe(200);
    expect((await ask('GET', '/api/v1/projects/generous')).status).toBe(404);
  });

  it('may change what its project lets it, from protected branches alone', async () => {
    const credential = (of: string) => ({
      name: `by-ci-${of}`,
      type: 'webhook-secret',
      secret: 'x',
      project: of,
    });
    const narrow = await asJob(job);
    expect((await narrow('POST', '/api/v1/credentials', credential('analysis'))).status).toBe(403);
    const generousJob = { ...job, project_id: '43', project_path: 'atlas/generous' };
    const unprotected = await asJob({ ...generousJob, ref_protected: 'false' });
    expect((await unprotected('POST', '/api/v1/credentials', credential('generous'))).status).toBe(403);
    const generous = await asJob(generousJob);
    expect((await generous('POST', '/api/v1/credentials', credential('generous'))).status).toBe(201);
    expect((await generous('POST', '/api/v1/credentials', credential('analysis'))).status).toBe(403);
    expect(
      (await generous('POST', '/api/v1/api-keys', { name: 'x', onlyProjects: ['generous'] })).status,
    ).toBe(403);
  });

  it.each([
    ['made for another audience', { aud: 'https://other.example' }, 'not made for this service'],
    ['of another issuer', { iss: 'https://gitlab.com' }, 'not of a GitLab that is known'],
    ['that has expired', { exp: 1_600_000_000 }, 'expired'],
    ['of no CI job', { job_id: undefined }, 'not a CI job'],
    [
      'of a project that is not registered',
      { project_id: '9', project_path: 'a/b' },
      'not a project that is registered',
    ],
    ['of another project under an old path', { project_id: '9' }, 'not a project that is registered'],
    [
      'of a project of another GitLab',
      { project_id: '44', project_path: 'a/b' },
      'not a project that is registered',
    ],
  ])('gets nothing for a token %s', async (_what, claims, reason) => {
    const answer = await exchange({ ...job, ...claims });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      error: 'invalid_grant',
      error_description: expect.stringContaining(reason),
    });
  });

  it('is told what its request lacks, in the words of RFC 6749', async () => {
    expect((await exchange(job, { grant_type: 'password' })).body).toMatchObject({
      error: 'unsupported_grant_type',
    });
    const other = await exchange(job, { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' });
    expect(other.body).toMatchObject({
      error: 'invalid_request',
      error_description: 'missing or not valid: subject_token_type',
    });
  });

  it('cannot send a form anywhere else', async () => {
    const body = new URLSearchParams({ key: 'x' });
    expect((await fetch(`${copy.url}/auth/key`, { method: 'POST', body })).status).toBe(415);
  });
});

import { admin, registryApp, type RegistryApp, type Sent } from './registry-app.js';

const valid = { name: 'a', url: 'https://example.org/a', kind: 'repository' };

describe('what fails', () => {
  let app: RegistryApp;

  beforeAll(async () => {
    app = await registryApp(import.meta.url);
  });
  afterAll(() => app.close());

  const refusal = async (route: string, sent: Sent = {}) => {
    const { status, headers, body } = await app.send(route, { as: admin, ...sent });
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({ status, title: expect.any(String), type: 'about:blank' });
    return { status, ...body };
  };
  const post = (body: unknown) => refusal('POST /api/v1/projects', { body });

  it.each([
    ['an unknown field', { ...valid, ower: [] }, ['ower'], 'is not a field'],
    ['a wrong type', { ...valid, gitlabId: 'x' }, ['gitlabId'], 'expected a number, got text'],
    ['a missing field', { name: 'a', kind: 'repository' }, ['url'], 'is missing'],
    ['a bad name', { ...valid, name: 'Ä' }, ['name'], 'expected lower-case letters'],
    [
      'a nested field',
      { ...valid, limits: { jobs: -1 } },
      ['limits', 'jobs'],
      'expected more than 0, got -1',
    ],
    ['a list instead of fields', [], [], 'expected fields, got a list'],
  ])('by %s is told with its place', async (_what, body, path, message) => {
    const { status, code, errors } = (await post(body)) as Record<string, unknown>;
    expect({ status, code }).toEqual({ status: 422, code: 'request.invalid' });
    expect(errors).toEqual([{ path, message: expect.stringContaining(message) }]);
  });

  it('by a duplicate name is a conflict', async () => {
    await app.send('POST /api/v1/projects', { as: admin, body: valid });
    expect(await post(valid)).toMatchObject({
      status: 409,
      code: 'resource.exists',
      detail: expect.any(String),
    });
  });

  it('by a body that is no JSON, too large or of another type says so', async () => {
    expect(await post('{"name": ')).toMatchObject({ status: 400, code: 'request.malformed' });
    expect(await post(`"${'x'.repeat(5_000_000)}"`)).toMatchObject({
      status: 413,
      code: 'request.too_large',
    });
    const headers = { 'content-type': 'text/plain' };
    expect(await refusal('POST /api/v1/projects', { body: 'x', headers })).toMatchObject({
      status: 415,
      code: 'request.wrong_media_type',
    });
  });

  it('by a parameter says which', async () => {
    const route = 'GET /api/v1/projects?limit=0&at=yesterday&projekt=a&cursor=a';
    expect(await refusal(route)).toMatchObject({
      status: 400,
      code: 'request.invalid_parameters',
      errors: [
        { path: ['query', 'limit'], message: 'expected at least 1' },
        { path: ['query', 'at'] },
        { path: ['query', 'projekt'], message: expect.stringContaining('did you mean "project"') },
      ],
    });
    expect(await refusal('GET /api/v1/projects?cursor=a')).toMatchObject({
      status: 400,
      errors: [{ path: ['query', 'cursor'] }],
    });
    expect(
      await refusal('DELETE /api/v1/projects/a?force=1', { headers: { 'if-match': '*' } }),
    ).toMatchObject({
      status: 400,
      errors: [{ path: ['query', 'force'] }],
    });
  });

  it('by a character that no database keeps says where it is', async () => {
    expect(await post({ ...valid, description: 'a\0b' })).toMatchObject({
      status: 422,
      errors: [{ path: ['description'] }],
    });
    expect(
      await post('{"name":"a","kind":"repository","url":"https://example.org","description":"\\ud800"}'),
    ).toMatchObject({ status: 422, errors: [{ path: ['description'] }] });
    expect(await refusal('GET /api/v1/projects?q=%00')).toMatchObject({
      status: 400,
      errors: [{ path: ['query', 'q'] }],
    });
    expect(await refusal('GET /api/v1/projects/%00')).toMatchObject({ status: 400 });
  });

  it('by an address or a method that is none says so', async () => {
    expect(await refusal('GET /api/v1/nothing')).toMatchObject({
      status: 404,
      code: 'request.no_such_route',
    });
    expect(await refusal('GET /api/v1/projects/none')).toMatchObject({
      status: 404,
      code: 'resource.not_found',
    });
    expect(await refusal('PATCH /api/v1/projects/a')).toMatchObject({
      status: 405,
      code: 'request.wrong_method',
    });
    expect(await refusal('GET /api/v1/projects/%zz')).toMatchObject({ status: 400 });
    const long = await refusal(`GET /api/v1/projects/${'x'.repeat(2_000)}`);
    expect(long.status).toBe(404);
  });

  it('by a defect of ours tells nothing of the inside', async () => {
    await app.dataSource.query('alter table audit_entry rename to audit_entry_away');
    try {
      const answer = await post({ ...valid, name: 'b' });
      expect(answer).toMatchObject({ status: 500, code: 'internal.unexpected' });
      expect(JSON.stringify(answer)).not.toContain('audit_entry');
    } finally {
      await app.dataSource.query('alter table audit_entry_away rename to audit_entry');
    }
    expect((await app.send('GET /api/v1/projects/b', { as: admin })).status).toBe(404);
  });
});

import type { Page, Problem, Representation } from '#api';
import { admin, member, reader, registryApp, type RegistryApp } from './registry-app.js';

const project = (name: string, more: object = {}) => ({
  name,
  url: `https://gitlab.example.org/hep/${name}`,
  path: `hep/${name}`,
  ...more,
});
const repository = { name: 'unpacked.example.org', gracePeriod: '14d' };
const rule = (name: string, more: object = {}) => ({
  name,
  registry: 'docker.io',
  repository: 'hep/**',
  cvmfsRepository: 'unpacked.example.org',
  ...more,
});

describe('resources over HTTP', () => {
  let app: RegistryApp;

  beforeAll(async () => {
    app = await registryApp(import.meta.url);
  });
  beforeEach(() => app.dataSource.query('truncate resource_version, outbox, audit_entry, idempotency_key'));
  afterAll(() => app.close());

  const make = async (plural: string, body: object) => {
    const answer = await app.send<Representation>(`POST /api/v1/${plural}`, { as: admin, body });
    expect(answer).toMatchObject({ status: 201 });
    return answer.body;
  };
  const change = (name: string, version: number, more: object) =>
    app.send<Representation & Problem>(`PUT /api/v1/projects/${name}`, {
      as: admin,
      body: project(name, more),
      headers: { 'if-match': `"${version}"` },
    });

  it('are made, answered as they were written, and said', async () => {
    const answer = await app.send('POST /api/v1/projects', { as: admin, body: project('atlas') });
    expect(answer).toMatchObject({
      status: 201,
      headers: { etag: '"1"', location: '/api/v1/projects/atlas' },
      body: { kind: 'project', name: 'atlas', version: 1, by: 'ada', spec: project('atlas') },
    });
    const read = await app.send('GET /api/v1/projects/atlas', { as: reader });
    expect(read).toMatchObject({ status: 200, headers: { etag: '"1"' }, body: answer.body });
    expect(await app.said()).toEqual(['project.changed.v1 atlas']);
  });

  it('are answered 304 to whoever has the latest version', async () => {
    await make('projects', project('atlas'));
    const headers = { 'if-none-match': 'W/"1"' };
    expect(await app.send('GET /api/v1/projects/atlas', { as: reader, headers })).toMatchObject({
      status: 304,
      body: '',
    });
  });

  it('are changed by who names the version that is there, and by nobody else', async () => {
    await make('projects', project('atlas'));
    expect(await change('atlas', 1, { description: 'first' })).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
    });
    const late = await change('atlas', 1, { description: 'second' });
    expect(late).toMatchObject({
      status: 412,
      headers: { 'content-type': expect.stringContaining('application/problem+json') },
      body: { code: 'resource.version_differs', title: 'Precondition Failed' },
    });
    const blind = await app.send('PUT /api/v1/projects/atlas', { as: admin, body: project('atlas') });
    expect(blind).toMatchObject({ status: 428, body: { code: 'request.version_missing' } });
    expect(await app.said()).toHaveLength(2);
  });

  it('are made by PUT where If-None-Match says that there must be none', async () => {
    const put = () =>
      app.send('PUT /api/v1/projects/atlas', {
        as: admin,
        body: project('atlas'),
        headers: { 'if-none-match': '*' },
      });
    expect(await put()).toMatchObject({ status: 201 });
    expect(await put()).toMatchObject({ status: 409, body: { code: 'resource.exists' } });
  });

  it('do not get a new version from what changes nothing', async () => {
    await make('projects', project('atlas'));
    expect(await change('atlas', 1, {})).toMatchObject({ status: 200, headers: { etag: '"1"' } });
    expect(await app.said()).toHaveLength(1);
  });

  it('keep their name', async () => {
    await make('projects', project('atlas'));
    const body = { ...project('cms') };
    const headers = { 'if-match': '*' };
    expect(await app.send('PUT /api/v1/projects/atlas', { as: admin, body, headers })).toMatchObject({
      status: 422,
      body: { errors: [{ path: ['name'] }] },
    });
  });

  it('are removed, but not while others name them', async () => {
    await make('cvmfs-repositories', repository);
    await make('image-rules', rule('all'));
    const headers = { 'if-match': '"1"' };
    const remove = (path: string) => app.send(`DELETE /api/v1/${path}`, { as: admin, headers });
    expect(await remove('cvmfs-repositories/unpacked.example.org')).toMatchObject({
      status: 409,
      body: { code: 'resource.in_use', detail: expect.stringContaining('image_rule/all') },
    });
    expect(await remove('image-rules/all')).toMatchObject({ status: 204 });
    expect(await remove('cvmfs-repositories/unpacked.example.org')).toMatchObject({ status: 204 });
    expect(await remove('cvmfs-repositories/unpacked.example.org')).toMatchObject({ status: 404 });
    expect(await app.send('GET /api/v1/image-rules/all', { as: reader })).toMatchObject({ status: 404 });
  });

  it('name only what exists', async () => {
    const answer = await app.send('POST /api/v1/image-rules', {
      as: admin,
      body: rule('all', { project: 'x' }),
    });
    expect(answer).toMatchObject({
      status: 422,
      body: {
        code: 'resource.unknown_reference',
        errors: [{ path: ['cvmfsRepository'] }, { path: ['project'], message: 'there is no project "x"' }],
      },
    });
    expect(await app.said()).toEqual([]);
  });

  it('are told as they were at any time, and all their states', async () => {
    await make('projects', project('atlas', { description: 'old' }));
    await app.dataSource.query(`update resource_version set valid_from = valid_from - interval '1 day'`);
    await change('atlas', 1, { description: 'new' });
    const then = encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString());
    const spec = { description: 'old' };
    expect(await app.send(`GET /api/v1/projects/atlas?at=${then}`, { as: reader })).toMatchObject({
      body: { spec },
    });
    expect(await app.send(`GET /api/v1/projects?at=${then}`, { as: reader })).toMatchObject({
      body: { items: [{ spec }] },
    });
    expect(await app.send('GET /api/v1/projects/atlas/history?limit=1', { as: reader })).toMatchObject({
      body: { items: [{ version: 2, gone: false, via: 'session' }], next: expect.any(String) },
    });
    const before = encodeURIComponent('2020-01-01T00:00:00Z');
    expect(await app.send(`GET /api/v1/projects/atlas?at=${before}`, { as: reader })).toMatchObject({
      status: 404,
    });
  });

  it('are listed in pages', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await make('projects', project(name));
    const names: string[] = [];
    let cursor = '';
    do {
      const { body } = await app.send<Page<Representation>>(`GET /api/v1/projects?limit=2${cursor}`, {
        as: reader,
      });
      names.push(...body.items.map(({ name }) => name));
      cursor = body.next === undefined ? '' : `&cursor=${body.next}`;
    } while (cursor !== '');
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('count once when the same request comes again with its key', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const post = (body: object, as = admin) => app.send('POST /api/v1/projects', { as, body, headers });
    const [first, second] = await Promise.all([post(project('atlas')), post(project('atlas'))]);
    expect(first).toMatchObject({
      status: 201,
      headers: { etag: '"1"', location: '/api/v1/projects/atlas' },
    });
    expect(second).toMatchObject({ status: 201, body: first.body, headers: { etag: '"1"' } });
    expect(await post(project('cms'))).toMatchObject({
      status: 422,
      body: { code: 'idempotency.other_request' },
    });
    expect(await post(project('lhcb'), { ...admin, subject: 'b' })).toMatchObject({ status: 201 });
    expect(await app.said()).toHaveLength(2);
  });

  it('may be changed by owners of their project, whose limits stay with admins', async () => {
    await make('cvmfs-repositories', repository);
    await make('projects', project('mine', { ownerGroups: ['hep'] }));
    await make('projects', project('other'));
    const post = (body: object) => app.send('POST /api/v1/image-rules', { as: member, body });
    expect(await post(rule('house'))).toMatchObject({ status: 403, body: { code: 'access.forbidden' } });
    expect(await post(rule('theirs', { project: 'other' }))).toMatchObject({ status: 403 });
    expect(await post(rule('ours', { project: 'mine' }))).toMatchObject({ status: 201 });
    const put = (more: object) =>
      app.send('PUT /api/v1/projects/mine', {
        as: member,
        body: project('mine', { ownerGroups: ['hep'], ...more }),
        headers: { 'if-match': '"1"' },
      });
    expect(await put({ limits: { jobs: 100_000 } })).toMatchObject({ status: 403 });
    expect(await put({ description: 'ours' })).toMatchObject({ status: 200 });
    expect(await app.send('POST /api/v1/projects', { as: reader, body: project('x') })).toMatchObject({
      status: 403,
    });
    expect(await app.send('GET /api/v1/projects')).toMatchObject({ status: 401 });
  });

  it.each(['4669-01-25T05:10:53.337659-20:43', '0001-01-01T00:00:00+23:59', '9999-12-31T23:59:59Z'])(
    'tell what was done since and until %s, though no clock is so far off',
    async (time) => {
      const at = encodeURIComponent(time);
      expect(await app.send(`GET /api/v1/audit?since=${at}`, { as: admin })).toMatchObject({ status: 200 });
      expect(await app.send(`GET /api/v1/audit?until=${at}`, { as: admin })).toMatchObject({ status: 200 });
    },
  );

  it('leave a line in the audit trail with each change', async () => {
    await make('projects', project('atlas', { ownerGroups: ['hep'] }));
    await change('atlas', 1, { description: 'x', limits: { jobs: 7 }, ownerGroups: ['hep'] });
    await make('projects', project('cms'));
    const trail = await app.send<Page<object>>('GET /api/v1/audit?project=atlas', { as: member });
    expect(trail.body.items).toEqual([
      expect.objectContaining({
        by: 'ada',
        via: 'session',
        action: 'changed',
        kind: 'project',
        name: 'atlas',
        version: 2,
        fields: ['description', 'limits'],
      }),
      expect.objectContaining({ action: 'created', version: 1 }),
    ]);
    expect(await app.send('GET /api/v1/audit', { as: member })).toMatchObject({ status: 403 });
    expect(
      (await app.send<Page<object>>('GET /api/v1/audit?action=created&limit=1', { as: admin })).body,
    ).toMatchObject({ items: [{ name: 'cms' }], next: expect.any(String) });
  });
});

import type { ApplyResult, Page, Problem, Representation } from '#api';
import { admin, member, registryApp, type RegistryApp } from './registry-app.js';

const file = {
  backends: [{ name: 'grid', kind: 'htcondor' }],
  projects: [{ name: 'atlas', url: 'https://example.org/a', kind: 'repository', backend: 'grid' }],
  cvmfsRepositories: [{ name: 'unpacked.example.org' }],
  imageRules: [
    {
      name: 'all',
      registry: 'docker.io',
      repository: '**',
      cvmfsRepository: 'unpacked.example.org',
      project: 'atlas',
    },
  ],
};

describe('applying a settings file', () => {
  let app: RegistryApp;

  beforeAll(async () => {
    app = await registryApp(import.meta.url);
  });
  beforeEach(() => app.dataSource.query('truncate resource_version, outbox, audit_entry'));
  afterAll(() => app.close());

  const apply = (body: object, query = '', as = admin) =>
    app.send<ApplyResult & Problem>(`POST /api/v1/apply${query}`, { as, body });
  const told = ({ changes }: ApplyResult) =>
    changes.map(({ kind, name, change }) => `${change} ${kind}/${name}`);

  it('makes what it names, those first that others name, and changes nothing a second time', async () => {
    const first = await apply(file);
    expect(told(first.body)).toEqual([
      'create backend/grid',
      'create project/atlas',
      'create cvmfs_repository/unpacked.example.org',
      'create image_rule/all',
    ]);
    expect(await app.said()).toHaveLength(4);
    expect(told((await apply(file)).body).every((line) => line.startsWith('none '))).toBe(true);
    expect(await app.said()).toHaveLength(4);
  });

  it('tells field by field what would change, and leaves everything as it is when run dry', async () => {
    await apply(file);
    const changed = {
      ...file,
      backends: [{ name: 'grid', kind: 'htcondor', schedd: 'a.example.org', jobs: 5 }],
    };
    const { body } = await apply(changed, '?dryRun=true');
    expect(body.dryRun).toBe(true);
    expect(body.changes[0]).toEqual({
      kind: 'backend',
      name: 'grid',
      change: 'update',
      fields: [
        { path: ['jobs'], after: 5 },
        { path: ['schedd'], after: 'a.example.org' },
      ],
    });
    const { body: backend } = await app.send<Representation>('GET /api/v1/backends/grid', { as: admin });
    expect(backend).toMatchObject({ version: 1, spec: file.backends[0] });
  });

  it('removes what it does not hold when asked to, of the kinds that it lists', async () => {
    await apply(file);
    await apply({ projects: [{ name: 'cms', url: 'https://example.org/c', kind: 'repository' }] });
    const { body } = await apply({ projects: file.projects, imageRules: [] }, '?prune=true');
    expect(told(body)).toEqual(['none project/atlas', 'remove image_rule/all', 'remove project/cms']);
    const rest = await app.send<Page<Representation>>('GET /api/v1/cvmfs-repositories', { as: admin });
    expect(rest.body.items).toHaveLength(1);
  });

  it('removes nothing of the list that is to be kept', async () => {
    await apply(file);
    const { body } = await apply({ imageRules: [], projects: [] }, '?prune=true&keep=projects');
    expect(told(body)).toEqual(['remove image_rule/all']);
    expect(await apply({}, '?prune=true&keep=nothing')).toMatchObject({ status: 400 });
  });

  it('is refused as a whole where one name leads nowhere or is still needed, with its place in the file', async () => {
    const dangling = { ...file, backends: undefined };
    expect(await apply(dangling)).toMatchObject({
      status: 422,
      body: { code: 'resource.unknown_reference', errors: [{ path: ['projects', 0, 'backend'] }] },
    });
    expect(await app.said()).toEqual([]);
    await apply(file);
    expect(await apply({ cvmfsRepositories: [] }, '?prune=true')).toMatchObject({
      status: 409,
      body: { code: 'resource.in_use' },
    });
  });

  it('tells of unknown fields, unknown lists and doubled names with their places', async () => {
    expect(await apply({ projekts: [], backends: [{ name: 'a', kind: 'condor' }] })).toMatchObject({
      status: 422,
      body: {
        errors: expect.arrayContaining([
          { path: ['projekts'], message: expect.stringContaining('did you mean "projects"') },
          { path: ['backends', 0, 'kind'], message: expect.stringContaining('got "condor"') },
        ]),
      },
    });
    const twice = { backends: [file.backends[0], file.backends[0]] };
    expect(await apply(twice)).toMatchObject({ status: 422, body: { errors: [{ path: ['backends', 1] }] } });
  });

  it('is for admins', async () => {
    expect(await apply(file, '', member)).toMatchObject({ status: 403 });
  });
});

import {
  credentialChanged,
  cvmfsRepositoryChanged,
  imageRuleResource,
  messages,
  projectResource,
  resourceKinds,
  resources,
  sourceResource,
} from '#contracts';

const change = {
  id: '3f0c8a3e-8f0e-4f5e-9d2b-4a8a4d1d0a01',
  name: 'unpacked.example.org',
  version: 1,
  revision: 1,
  at: '2026-01-01T00:00:00.000Z',
  by: 'admin',
  gone: false,
};

describe('what the registry keeps', () => {
  it('has each kind once, and a message that tells of its changes', () => {
    expect(resources.map(({ kind }) => kind).sort()).toEqual([...resourceKinds].sort());
    const names = messages.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(resourceKinds.map((kind) => `${kind}.changed`)));
  });

  it('goes over the bus as it was written, so that defaults are filled in by who uses it', () => {
    const spec = { name: 'unpacked.example.org', gracePeriod: '14d' };
    const payload = cvmfsRepositoryChanged.schema.parse({ ...change, spec });
    expect(payload.spec).toEqual(spec);
    expect(cvmfsRepositoryChanged.schema.parse(payload)).toEqual(payload);
  });

  it('is refused on the bus where its schema refuses it, with the place', () => {
    const spec = { name: 'unpacked.example.org', driver: 'directory' };
    const { error } = cvmfsRepositoryChanged.schema.safeParse({ ...change, spec });
    expect(error?.issues).toEqual([
      expect.objectContaining({ path: ['spec', 'path'], message: expect.stringContaining('is missing') }),
    ]);
  });

  it('never carries a secret in a specification', () => {
    const spec = { name: 'token', type: 'pypi-token', secret: 'x' };
    expect(credentialChanged.schema.safeParse({ ...change, name: 'token', spec }).success).toBe(false);
  });

  it('names the others that must exist', () => {
    const rule = imageRuleResource.schema.parse({
      name: 'all',
      registry: 'docker.io',
      repository: '**',
      cvmfsRepository: 'unpacked.example.org',
      project: 'atlas',
    });
    expect(imageRuleResource.references(rule)).toEqual([
      { kind: 'cvmfs_repository', name: 'unpacked.example.org', path: ['cvmfsRepository'] },
      { kind: 'project', name: 'atlas', path: ['project'] },
    ]);
    const source = sourceResource.schema.parse({
      name: 'hub',
      kind: 'docker-hub',
      repositories: ['**'],
      secrets: [{ env: 'A' }, { credential: 'hub' }],
    });
    expect(sourceResource.references(source)).toEqual([
      { kind: 'credential', name: 'hub', path: ['secrets', 1, 'credential'] },
    ]);
  });

  const refusalOf = (url: string): readonly string[] =>
    projectResource.schema
      .safeParse({ name: 'a', kind: 'repository', url })
      .error?.issues.map(({ message }) => message) ?? [];

  it.each(['https://user:secret@git.example.org/a', 'HTTPS://user:secret@git.example.org/a'])(
    'takes no URL with a password in it: %s',
    (url) => expect(refusalOf(url)).toEqual(['expected a URL without user name or password']),
  );

  it.each([
    'http:/git.example.org/a',
    'http:///git.example.org/a',
    'http:///user:secret@git.example.org',
    'x',
  ])('takes no URL without a host: %s', (url) =>
    expect(refusalOf(url)).toEqual(['expected an http or https URL']),
  );
});

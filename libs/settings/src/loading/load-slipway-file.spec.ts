import { AppError } from '#errors';
import { checkSlipwayFile, loadSlipwayFile, parseSlipwayFile } from '#settings';

const load = (text: string) => parseSlipwayFile(text, 'slipway.yml');

function faultsOf(text: string): readonly string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof AppError && error.code === 'settings.invalid') return error.message.split('\n');
    throw error;
  }
  return [];
}

const good = `
sources:
  - name: hub
    kind: docker-hub
    repositories: [library/**]
    secrets: [{ env: HUB_TOKEN }]
  - name: gitlab
    kind: gitlab
    secrets: [{ file: /run/secrets/gitlab }, { env: OLD }]
imageRules:
  - name: debian
    registry: docker.io
    repository: library/*
    cvmfsRepository: unpacked.example.org
cvmfsRepositories:
  - name: unpacked.example.org
    gracePeriod: 12h
    limits: { bytes: 1 GiB }
registries:
  - host: localhost:5000
    insecure: true
`;

describe('slipway.yml', () => {
  it('is loaded with defaults by kind, sizes in bytes and durations in milliseconds', () => {
    const file = load(good);
    expect(file.sources).toMatchObject([
      { registry: 'docker.io', bodyLimit: 1_048_576, rate: { perSecond: 100, burst: 500 } },
      { registry: undefined, bodyLimit: 26_214_400, repositories: ['**'] },
    ]);
    expect(file.imageRules).toMatchObject([
      { tags: ['*'], untagged: false, platform: 'linux/amd64', imageSource: 'registry' },
    ]);
    expect(file.cvmfsRepositories).toMatchObject([
      {
        driver: 'cvmfs_server',
        path: '/cvmfs/unpacked.example.org',
        gracePeriod: 43_200_000,
        limits: { bytes: 1_073_741_824, layers: 512 },
        owners: 'mine',
      },
    ]);
    expect(file.cvmfsRepositories[0]?.bindPoints).toContain('/hadoop');
    expect(file.registries).toMatchObject([{ host: 'localhost:5000', insecure: true, parallel: 4 }]);
  });

  it('is an empty configuration when it is empty', () => {
    expect(load('# nothing yet\n')).toEqual({
      sources: [],
      imageRules: [],
      cvmfsRepositories: [],
      registries: [],
      projects: [],
      credentials: [],
      backends: [],
      identityMappings: [],
      gitlabServers: [],
      runners: [],
      subscriptions: [],
    });
  });

  it('cannot be changed once loaded', () => {
    const file = load(good);
    expect(() => Object.assign(file.sources[0] ?? {}, { name: 'other' })).toThrow(TypeError);
  });

  it('tells which file cannot be read', () => {
    expect(() => loadSlipwayFile('/nowhere/slipway.yml')).toThrow(
      '/nowhere/slipway.yml: cannot be read: ENOENT',
    );
  });
});

describe('a fault in slipway.yml', () => {
  it('is told with its line, column and field', () => {
    expect(faultsOf(good.replace('docker-hub', 'dockerhub'))).toEqual([
      'slipway.yml:4:11: sources[0].kind: expected one of docker-hub, distribution, gitlab, harbor, quay, github, standard-webhooks, got "dockerhub" (did you mean "docker-hub"?)',
    ]);
  });

  it('is a field that does not exist, and the one that was meant', () => {
    expect(faultsOf(good.replace('gracePeriod', 'graceperiod').replace('insecure', 'colour'))).toEqual([
      'slipway.yml:17:5: cvmfsRepositories[0].graceperiod: is not a field (did you mean "gracePeriod"?)',
      'slipway.yml:21:5: registries[0].colour: is not a field',
    ]);
  });

  it('is YAML that cannot be parsed, with its place', () => {
    const faults = faultsOf('sources:\n  - name: hub\n   kind: quay\n');
    expect(faults[0]).toMatch(/^slipway\.yml:3:\d+: /);
  });

  it('is a field written twice', () => {
    expect(faultsOf('sources: []\nsources: []\n')).toEqual(['slipway.yml:2:1: Map keys must be unique']);
  });

  it('is a missing field, told at the entry that lacks it', () => {
    expect(faultsOf('registries:\n  - insecure: true\n')).toEqual([
      'slipway.yml:2:5: registries[0].host: is missing: expected text',
    ]);
  });

  it('is a source of images that may speak for nothing', () => {
    const [fault] = faultsOf(good.replace('    repositories: [library/**]\n', ''));
    expect(fault).toBe(
      'slipway.yml:3:5: sources[0].repositories: is missing: name the repositories it may speak for, or ["**"] for all',
    );
  });

  it('is a name or a host that is taken', () => {
    expect(faultsOf(good.replace('name: gitlab', 'name: hub'))).toEqual([
      'slipway.yml:7:11: sources[1].name: "hub" is taken by sources[0]',
    ]);
  });

  it('is an image rule that names a CVMFS repository which is not there', () => {
    expect(faultsOf(good.replace('cvmfsRepository: unpacked', 'cvmfsRepository: unpacket'))).toEqual([
      'slipway.yml:14:22: imageRules[0].cvmfsRepository: "unpacket.example.org" is not in cvmfsRepositories (did you mean "unpacked.example.org"?)',
    ]);
  });

  it('is a name of anything else that is not there, at its place', () => {
    const text = [
      'backends:',
      '  - { name: pool, kind: htcondor }',
      'projects:',
      '  - { name: higgs, url: "https://x.org/higgs", path: a/higgs, backend: pol }',
      'gitlabServers:',
      '  - { name: gitlab, url: "https://gitlab.example.org" }',
      'credentials:',
      '  - { name: token, type: gitlab-runner-token, project: other, secret: { env: TOKEN } }',
      'runners:',
      '  - { name: grid, gitlab: gitlab, credential: tokn }',
      '  - { name: grid, gitlab: gitlab, credential: token }',
    ].join('\n');
    expect(faultsOf(text)).toEqual([
      'slipway.yml:4:72: projects[0].backend: "pol" is not in backends (did you mean "pool"?)',
      'slipway.yml:8:56: credentials[0].project: "other" is not in projects',
      'slipway.yml:10:47: runners[0].credential: "tokn" is not in credentials (did you mean "token"?)',
      'slipway.yml:11:13: runners[1].name: "grid" is taken by runners[0]',
    ]);
    const part = 'projects: [{ name: a, url: "https://x.org/a", path: x/a, backend: b }]';
    const { settings, placeOf } = checkSlipwayFile(part, 'x', { isWhole: false });
    expect(settings).toMatchObject({ projects: [{ backend: 'b' }] });
    expect(placeOf(['projects', 0, 'backend'])).toBe('x:1:67: projects[0].backend');
  });

  it.each([
    [
      'repository: library/[a',
      '13:17: imageRules[0].repository: expected a pattern in which each [ and { is closed',
    ],
    [
      "repository: '{a,b'",
      '13:17: imageRules[0].repository: expected a pattern in which each [ and { is closed',
    ],
    [
      'repository: **',
      "13:17: begins with * and has to be in quotes, such as '**': YAML takes it for the name of an alias",
    ],
    [
      'repository: *',
      "13:17: begins with * and has to be in quotes, such as '**': YAML takes it for the name of an alias",
    ],
  ])('is a pattern that could not match: %s', (pattern, fault) => {
    expect(faultsOf(good.replace('repository: library/*', pattern))).toEqual([`slipway.yml:${fault}`]);
  });

  it('is a host with more around it', () => {
    const text = good.replace('registry: docker.io', 'registry: https://docker.io');
    expect(faultsOf(text.replace('localhost:5000', 'http://localhost:5000/'))).toEqual([
      'slipway.yml:12:15: imageRules[0].registry: expected a host such as registry.example.org, without https:// and path',
      'slipway.yml:20:11: registries[0].host: expected a registry host such as registry.example.org:5000, in lower case, without https:// and path',
    ]);
  });

  it('is a tab, and not what the parser makes of all that follows it', () => {
    expect(faultsOf('backends:\n  - name: here\n\tkind: local\n    jobs: 2\n')).toEqual([
      'slipway.yml:3:1: is indented by a tab; YAML takes spaces alone',
    ]);
  });

  it('is a secret that is written into the file, which is not repeated', () => {
    const faults = faultsOf(good.replace('{ env: HUB_TOKEN }', 'hunter2'));
    expect(faults).toEqual([
      'slipway.yml:6:15: sources[0].secrets[0]: expected {env: NAME}, {file: PATH} or {credential: NAME}: the secret itself is never written in this file',
    ]);
  });

  it('is a size or a duration that is none', () => {
    expect(faultsOf(good.replace('12h', '12').replace('1 GiB', 'much'))).toEqual([
      'slipway.yml:17:18: cvmfsRepositories[0].gracePeriod: expected a duration such as 90s, 15m, 12h or 7d',
      'slipway.yml:18:22: cvmfsRepositories[0].limits.bytes: expected a size such as 512 KiB, 1 MiB or 20 GB',
    ]);
  });

  it('is a value of another type', () => {
    expect(faultsOf('sources: hub\nregistries:\n  - host: a.example.org\n    insecure: "yes"\n')).toEqual([
      'slipway.yml:1:10: sources: expected a list, got text',
      'slipway.yml:4:15: registries[0].insecure: expected true or false, got text',
    ]);
  });

  it('does not hide another: all are told at once, in the order of the file', () => {
    const faults = faultsOf(
      good
        .replace('docker-hub', 'dockerhub')
        .replace('cvmfsRepository: unpacked', 'cvmfsRepository: other')
        .replace('insecure', 'unsafe'),
    );
    expect(faults.map((fault) => fault.split(':')[1])).toEqual(['4', '14', '21']);
  });

  it('is a field that the kind of backend does not know', () => {
    const text = [
      'backends:',
      '  - name: pool',
      '    kind: htcondor',
      '    partition: long',
      '    vo: atlas',
      '  - { name: here, kind: local, tools: /usr/bin, credential: none }',
      '  - { name: other, kind: plugin, plugin: other, partition: long, pool: cm.example.org }',
    ].join('\n');
    expect(faultsOf(text)).toEqual([
      'slipway.yml:4:16: backends[0].partition: is for slurm and plugin backends, not for htcondor ones',
      'slipway.yml:5:9: backends[0].vo: is for diracx and plugin backends, not for htcondor ones',
      'slipway.yml:6:39: backends[1].tools: is for htcondor, slurm and plugin backends, not for local ones',
      'slipway.yml:6:61: backends[1].credential: is for htcondor, slurm, diracx and plugin backends, not for local ones',
    ]);
  });

  it('is a number out of its bounds, told in plain words', () => {
    expect(faultsOf('registries:\n  - { host: a.example.org, parallel: 0 }\n')).toEqual([
      'slipway.yml:2:38: registries[0].parallel: expected at least 1, got 0',
    ]);
    expect(faultsOf('registries:\n  - { host: a.example.org, parallel: 1.5 }\n')).toEqual([
      'slipway.yml:2:38: registries[0].parallel: expected a whole number, got 1.5',
    ]);
  });

  it('is a text that would grow without end, or that is more than one', () => {
    const tenfold = (name: string, of: string) => `${name}: &${name} [${`${of},`.repeat(10)}]\n`;
    const bomb = tenfold('a', 'x') + tenfold('b', '*a') + tenfold('c', '*b') + tenfold('d', '*c');
    expect(faultsOf(bomb)).toEqual(['slipway.yml:1:1: has too many aliases']);
    expect(faultsOf('sources: []\n---\nsources: []\n')).toEqual([
      'slipway.yml:2:1: a second document begins here; one is allowed',
    ]);
  });

  it('is nesting without end', () => {
    const faults = faultsOf(`sources: ${'['.repeat(20_000)}`);
    expect(faults[0]).toMatch(/^slipway\.yml:1:\d+: is nested too deeply$/);
  });

  it('is half of a password login', () => {
    expect(faultsOf('registries:\n  - host: a.example.org\n    username: me\n')).toEqual([
      'slipway.yml:3:15: registries[0].username: needs password beside it',
    ]);
  });
});

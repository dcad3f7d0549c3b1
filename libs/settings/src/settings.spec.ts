import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageRule } from '#contracts';
import { compileImageRules, globMatcher, parseSlipwayFile, resolveSecret } from '#settings';

describe('a pattern', () => {
  it.each([
    ['*', 'debian', true],
    ['*', 'library/debian', false],
    ['**', 'library/debian', true],
    ['atlas/*', 'atlas/a', true],
    ['atlas/*', 'atlas/a/b', false],
    ['atlas/**', 'atlas/a/b', true],
    ['atlas/**', 'atlas', false],
    ['atlas/**', 'atlas2/a', false],
    ['v*', 'v1.2.3', true],
    ['*.example.org', 'registry.example.org', true],
    ['*.example.org', 'example.org', false],
    ['registry.example.org:5000', 'registry.example.org:5000', true],
    ['registry.example.org', 'registry.example.org:5000', false],
    ['[::1]:5000', '[::1]:5000', true],
    ['{a,b}/c', 'b/c', true],
    ['!a', 'b', false],
    ['a.c', 'abc', false],
    ['Latest', 'latest', false],
    ['*', '.hidden', true],
  ])('%s fits %s: %s', (pattern, name, fits) => {
    expect(globMatcher(pattern)(name)).toBe(fits);
  });

  it('fits nothing when there is none', () => {
    expect(globMatcher([])('a')).toBe(false);
  });
});

describe('image rules', () => {
  const rule = (name: string, parts: Partial<ImageRule>): ImageRule => ({
    name,
    registry: 'docker.io',
    repository: '**',
    tags: ['*'],
    untagged: false,
    cvmfsRepository: 'unpacked.example.org',
    platform: 'linux/amd64',
    imageSource: 'registry',
    ...parts,
  });
  const match = compileImageRules([
    rule('all', {}),
    rule('versions', { tags: ['v*', 'latest'] }),
    rule('elsewhere', { registry: 'quay.io' }),
    rule('digests', { untagged: true }),
  ]);

  it('all count that match, in the order of the file', () => {
    const names = match({ registry: 'docker.io', repository: 'library/debian', tag: 'v1' }).map(
      ({ name }) => name,
    );
    expect(names).toEqual(['all', 'versions', 'digests']);
  });

  it('do not match an image pushed by digest alone unless they say so', () => {
    const names = match({ registry: 'docker.io', repository: 'library/debian' }).map(({ name }) => name);
    expect(names).toEqual(['digests']);
  });
});

describe('a secret', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-secret-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('comes from a file without the space around it', () => {
    const file = join(directory, 'secret');
    writeFileSync(file, ' value\n');
    expect(resolveSecret({ file })).toBe('value');
  });

  it('comes from the environment', () => {
    process.env['SLIPWAY_SPEC_SECRET'] = 'from the environment ';
    expect(resolveSecret({ env: 'SLIPWAY_SPEC_SECRET' })).toBe('from the environment');
    delete process.env['SLIPWAY_SPEC_SECRET'];
  });

  it('that is missing or empty is told by its name', () => {
    const file = join(directory, 'empty');
    writeFileSync(file, '\n');
    expect(() => resolveSecret({ env: 'SLIPWAY_NOT_SET' })).toThrow('environment variable SLIPWAY_NOT_SET');
    expect(() => resolveSecret({ file })).toThrow(`${file} is not set or empty`);
    expect(() => resolveSecret({ file: '/nowhere/x' })).toThrow('file /nowhere/x cannot be read: ENOENT');
  });

  it('that is missing is told where slipway.yml names it', () => {
    const text = [
      'sources:',
      '  - { name: hub, kind: docker-hub, repositories: [x], secrets: [{ file: /nowhere/x }] }',
      'registries:',
      '  - host: r.org',
      '    token: { credential: kept }',
      'credentials: [{ name: kept, type: registry-login, username: robot }]',
    ].join('\n');
    const { sources, registries } = parseSlipwayFile(text, 'slipway.yml');
    const references = [...(sources[0]?.secrets ?? []), registries[0]?.token].flatMap((each) => each ?? []);
    const faults = references.map((reference) => {
      try {
        return resolveSecret(reference);
      } catch (error) {
        return error;
      }
    });
    expect(faults).toEqual([
      expect.objectContaining({
        code: 'settings.secret_missing',
        message:
          'slipway.yml:2:65: sources[0].secrets[0]: the secret in file /nowhere/x cannot be read: ENOENT',
      }),
      expect.objectContaining({
        message: expect.stringMatching(
          /^slipway\.yml:5:12: registries\[0\]\.token: .* kept by the registry;/,
        ),
      }),
    ]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resourceName, type SecretReference } from '#contracts';
import { derivedName, liftSecrets } from './secret-lifting.js';

const names: [string, SecretReference][] = [
  ['hub', { env: 'HUB_SECRET' }],
  ['r.org:5000', { file: '/run/secrets/Robot Password' }],
  ['[::1]:5000', { env: '_A' }],
  ['x'.repeat(64), { env: 'Y'.repeat(200) }],
];

const placeOf = (path: readonly (string | number)[]): string => `at ${path.join('.')}`;

describe('the secrets of a settings file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-lifting-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'hub');
  writeFileSync(file, 'planted\n');

  it('become credentials with a name that stays, and leave everything else as it was written', () => {
    const lifted = liftSecrets(
      {
        sources: [{ name: 'hub', kind: 'docker-hub', secrets: [{ file }, { credential: 'kept' }] }],
        registries: [{ host: 'r.org:5000', username: 'robot', password: { file } }],
        credentials: [
          { name: 'own', type: 'pypi-token', secret: { file } },
          { name: 'elsewhere', type: 'pypi-token' },
        ],
        imageRules: [{ name: 'all' }],
      },
      placeOf,
    );
    const hub = derivedName('hub', { file });
    const robot = derivedName('r.org:5000', { file });
    expect(lifted['sources']).toEqual([
      { name: 'hub', kind: 'docker-hub', secrets: [{ credential: hub }, { credential: 'kept' }] },
    ]);
    expect(lifted['registries']).toEqual([
      { host: 'r.org:5000', username: 'robot', password: { credential: robot } },
    ]);
    expect(lifted['credentials']).toEqual([
      { name: 'own', type: 'pypi-token', secret: 'planted' },
      { name: 'elsewhere', type: 'pypi-token' },
      expect.objectContaining({ name: hub, type: 'webhook-secret', secret: 'planted' }),
      expect.objectContaining({ name: robot, type: 'registry-login', username: 'robot', secret: 'planted' }),
    ]);
    expect(lifted['imageRules']).toEqual([{ name: 'all' }]);
    expect(lifted['projects']).toBeUndefined();
  });

  it('that are missing are told all at once, each at its place', () => {
    const missing = {
      sources: [{ name: 'a', secrets: [{ env: 'SLIPWAY_NOT_SET_A' }, { file: '/nowhere/b' }] }],
      registries: [{ host: 'r.org', token: { file: '/nowhere/c' } }],
      credentials: [{ name: 'c', secret: { file: '/nowhere/d' } }],
    };
    expect(() => liftSecrets(missing, placeOf)).toThrow(
      [
        'at sources.0.secrets.0: the secret in environment variable SLIPWAY_NOT_SET_A is not set or empty',
        'at sources.0.secrets.1: the secret in file /nowhere/b cannot be read: ENOENT',
        'at registries.0.token: the secret in file /nowhere/c cannot be read: ENOENT',
        'at credentials.0.secret: the secret in file /nowhere/d cannot be read: ENOENT',
      ].join('\n'),
    );
  });

  it.each(names)('give %s a name that the registry takes', (owner, reference) => {
    expect(resourceName.safeParse(derivedName(owner, reference)).error).toBeUndefined();
    expect(derivedName(owner, reference)).toBe(derivedName(owner, reference));
  });

  it('of two places have two names', () => {
    expect(derivedName('hub', { file: '/a/secret' })).not.toBe(derivedName('hub', { file: '/b/secret' }));
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialResource, projectResource, type Resource, resources, type SettingsOf } from '#contracts';
import { type SettingsCopy, settingsSource } from '#settings';

const directory = mkdtempSync(join(tmpdir(), 'slipway-settings-source-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(): string {
  const path = join(directory, 'slipway.yml');
  writeFileSync(join(directory, 'secret'), 'a secret\n');
  writeFileSync(
    path,
    JSON.stringify({
      projects: ['atlas', 'cms'].map((name) => ({
        name,
        kind: 'repository',
        url: `https://example.org/${name}`,
      })),
      credentials: [
        { name: 'grid', type: 'htcondor-idtoken', secret: { file: join(directory, 'secret') } },
        { name: 'bare', type: 'htcondor-idtoken' },
      ],
    }),
  );
  return path;
}

/** A copy in which everything of `kept` is by its name. */
function copyOf(
  kept: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  secrets: readonly string[],
) {
  const used: unknown[] = [];
  const listeners: (() => void)[] = [];
  const of = <R extends Resource>(resource: R): Readonly<Record<string, SettingsOf<R>>> =>
    (kept[resource.kind] ?? {}) as Readonly<Record<string, SettingsOf<R>>>;
  const copy: SettingsCopy = {
    all: (resource) => Object.values(of(resource)).map((settings) => ({ settings })),
    find: (resource, name) => {
      const settings = of(resource)[name];
      return settings && { settings };
    },
    secretsOf: (credential) => secrets.map((secret) => ({ id: `id of ${secret}`, credential, secret })),
    used: ({ id }, purpose) => used.push({ id, purpose }),
    onChange: (listener) => listeners.push(listener),
  };
  return { copy, used, listeners };
}

const deaf = { learn: () => undefined };
const nobody = join(directory, 'not-there.yml');

describe('what is configured, without a registry', () => {
  it('is what slipway.yml says, of every kind', () => {
    const source = settingsSource(undefined, file(), deaf);
    expect(source.all(projectResource).map(({ name }) => name)).toEqual(['atlas', 'cms']);
    expect(source.find(projectResource, 'cms')).toMatchObject({ name: 'cms' });
    expect(source.find(projectResource, 'other')).toBeUndefined();
    for (const resource of resources) expect(source.all(resource)).toBeInstanceOf(Array);
  });

  it('has secrets that no log shows', () => {
    const learnt: string[] = [];
    const source = settingsSource(undefined, file(), { learn: (secret) => learnt.push(secret) });
    expect(learnt).toEqual([]);
    expect(source.secretOf('grid', 'a test')).toBe('a secret');
    expect(learnt).toEqual(['a secret']);
  });

  it.each([
    ['bare', 'the credential bare names no secret'],
    ['other', 'the credential other is not in slipway.yml'],
  ])('says of the credential %s what is missing', (name, message) => {
    const { secretOf } = settingsSource(undefined, file(), deaf);
    const missing = { code: 'settings.secret_missing', temporary: false, message, subject: name };
    expect(() => secretOf(name)).toThrow(expect.objectContaining(missing));
  });
});

describe('what is configured, with a registry', () => {
  const kept = { project: { atlas: { name: 'atlas' } }, credential: { grid: { name: 'grid' } } };

  it('is what the copy holds at that moment, and slipway.yml is not read', () => {
    const { copy, listeners } = copyOf(kept, []);
    const source = settingsSource(copy, nobody, deaf);
    expect(source.all(projectResource)).toEqual([{ name: 'atlas' }]);
    expect(source.find(credentialResource, 'grid')).toEqual({ name: 'grid' });
    expect(source.find(projectResource, 'cms')).toBeUndefined();
    let changes = 0;
    source.onChange(() => void (changes += 1));
    for (const listener of listeners) listener();
    expect(changes).toBe(1);
  });

  it('has the newest secret, and tells the registry what it is used for', () => {
    const { copy, used } = copyOf(kept, ['new', 'old']);
    const { secretOf } = settingsSource(copy, nobody, deaf);
    expect(secretOf('grid')).toBe('new');
    expect(used).toEqual([]);
    expect(secretOf('grid', 'a test')).toBe('new');
    expect(used).toEqual([{ id: 'id of new', purpose: 'a test' }]);
  });

  it.each([
    ['grid', 'the credential grid has no secret that counts'],
    ['other', 'the credential other is not registered'],
  ])('says of the credential %s what is missing', (name, message) => {
    const { secretOf } = settingsSource(copyOf(kept, []).copy, nobody, deaf);
    const missing = { code: 'settings.secret_missing', temporary: false, message, subject: name };
    expect(() => secretOf(name)).toThrow(expect.objectContaining(missing));
  });
});

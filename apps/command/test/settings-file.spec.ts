import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandWorld, commandWorld } from './command-world.js';

interface Changes {
  readonly changes: readonly { readonly name: string; readonly change: string }[];
}

const planted = {
  webhook: 'planted-webhook-secret-1',
  login: 'planted-login-secret-2',
  token: 'planted-token-secret-3',
};

describe('a settings file and the registry', () => {
  let world: CommandWorld;
  const apply = (file: string, ...more: string[]) => world.json<Changes>('apply', '-f', file, ...more);
  const changed = ({ changes }: Changes) =>
    changes.flatMap(({ name, change }) => (change === 'none' ? [] : [`${change} ${name}`]));
  let file = '';

  beforeAll(async () => {
    world = await commandWorld(import.meta.url);
    await world.run(['login', world.registry.url, '--key-stdin'], { stdin: world.bootstrapKey });
    const at = (name: string, text: string) => world.file(name, `${text}\n`);
    file = at(
      'slipway.yml',
      `
credentials:
  - { name: pypi, type: pypi-token, secret: { file: ${at('token', planted.token)} } }
sources:
  - { name: hub, kind: docker-hub, repositories: ['atlas/**'], secrets: [{ file: ${at('webhook', planted.webhook)} }] }
registries:
  - { host: registry.example.org, username: robot, password: { file: ${at('login', planted.login)} } }
cvmfsRepositories:
  - { name: unpacked.example.org, driver: directory, path: /srv/unpacked }
imageRules:
  - { name: all, registry: docker.io, repository: 'atlas/**', cvmfsRepository: unpacked.example.org }
`,
    );
  }, 120_000);
  afterAll(() => world.close());

  it('are compared before anything changes', async () => {
    const plan = await world.run(['apply', '-f', file, '--dry-run']);
    expect(plan.code).toBe(0);
    expect(plan.stdout).toContain('+ image rule all\n');
    expect(plan.stdout).toContain('    + repository: atlas/**\n');
    expect(plan.stdout).toContain('7 would be created');
    expect(await world.json('image-rules', 'list')).toEqual({ items: [] });
  });

  it('are the same once it is applied, and stay so when it is applied again', async () => {
    expect(changed(await apply(file))).toHaveLength(7);
    expect(changed(await apply(file))).toEqual([]);
    expect((await world.run(['apply', '-f', file])).stdout).toContain('nothing changes');
    const source = await world.json<{ spec: { secrets: { credential: string }[] } }>('sources', 'get', 'hub');
    const name = source.spec.secrets[0]?.credential ?? '';
    const credential = await world.json<{ secrets: object[] }>('credentials', 'get', name);
    expect(credential.secrets).toEqual([expect.objectContaining({ lastFour: planted.webhook.slice(-4) })]);
  });

  it('are the same by way of export: applying what was exported changes nothing', async () => {
    const exported = await world.run(['export']);
    const again = world.file('exported.yml', exported.stdout);
    expect(changed(await apply(again))).toEqual([]);
    expect(changed(await apply(again, '--prune', '--yes'))).toEqual([]);
    await world.run(['export', '-o', join(world.directory, 'other.yml')]);
    expect(readFileSync(join(world.directory, 'other.yml'), 'utf8')).toBe(exported.stdout);
  });

  it('become the same by a change of one, and what the file does not name goes only when asked and confirmed', async () => {
    const smaller = world.file(
      'smaller.yml',
      'cvmfsRepositories:\n  - { name: unpacked.example.org, gracePeriod: 14d }\nimageRules: []\n',
    );
    const change = await world.run(['apply', '-f', smaller]);
    expect(change.stdout).toContain('~ CVMFS repository unpacked.example.org\n');
    expect(change.stdout).toContain('    + gracePeriod: 14d');
    expect(await world.run(['apply', '-f', smaller, '--prune'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/- image rule all\n[\s\S]*say --yes/),
    });
    expect(changed(await apply(smaller, '--prune', '--yes'))).toEqual(['remove all']);
  });

  it('leave credentials alone that the file has no list of, though it makes some, and prune those that it lists', async () => {
    const secret = world.file('another', 'planted-webhook-secret-4');
    const names = async (): Promise<readonly string[]> =>
      (await world.json<{ items: { name: string }[] }>('credentials', 'list')).items.map(({ name }) => name);
    const before = await names();
    expect(before).toContain('pypi');
    const source = `sources:\n  - { name: two, kind: docker-hub, repositories: ['**'], secrets: [{ file: ${secret} }] }\n`;
    const without = world.file('without.yml', source);
    const removed = changed(await apply(without, '--prune', '--yes'));
    expect(removed).toContain('remove hub');
    expect(await names()).toEqual(expect.arrayContaining([...before]));
    const empty = world.file('empty.yml', `${source}registries: []\ncredentials: []\n`);
    expect(changed(await apply(empty, '--prune', '--yes'))).toContain('remove pypi');
    expect(changed(await apply(file))).toContain('create pypi');
  });

  it('that is wrong is told with line and column, and changes nothing', async () => {
    const wrong = world.file(
      'wrong.yml',
      'sources:\n  - { name: a, kind: docker-hbu, secrets: [{ env: NOT_SET }] }\n',
    );
    expect(await world.run(['apply', '-f', wrong])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/wrong\.yml:2:\d+: sources\[0\]\.kind: .*did you mean "docker-hub"/),
    });
    const missing = world.file(
      'missing.yml',
      'credentials:\n  - { name: a, type: pypi-token, secret: { env: NOT_SET } }\n',
    );
    expect(await world.run(['apply', '-f', missing])).toMatchObject({
      code: 2,
      stderr:
        'slipway: missing.yml:2:42: credentials[0].secret: the secret in environment variable NOT_SET is not set or empty\n',
    });
    const dangling = world.file(
      'dangling.yml',
      'imageRules:\n  - { name: b, registry: a.org, repository: x, cvmfsRepository: none.example.org }\n',
    );
    expect(await world.run(['apply', '-f', dangling])).toMatchObject({
      code: 2,
      stderr:
        'slipway: dangling.yml:2:65: imageRules[0].cvmfsRepository: there is no CVMFS repository "none.example.org"\n',
    });
  });

  it('takes the secret of a credential from standard input or a file, and rotates it with overlap', async () => {
    const fields = ['--field', 'type=webhook-secret'];
    const first = await world.run(['credentials', 'create', 'hook', ...fields], {
      stdin: 'planted-first-secret\n',
    });
    expect(first).toMatchObject({ code: 0, stdout: 'created credential hook\n' });
    const second = world.file('second', 'planted-second-secret\n');
    const rotated = await world.run([
      'credentials',
      'rotate',
      'hook',
      '--secret-file',
      second,
      '--overlap',
      '1h',
      '--expires',
      '30d',
    ]);
    expect(rotated).toMatchObject({ code: 0, stdout: expect.stringContaining('another 1h') });
    const state = await world.json<{ secrets: { id: string; lastFour: string; validUntil?: string }[] }>(
      'credentials',
      'get',
      'hook',
    );
    expect(state.secrets).toHaveLength(2);
    expect((await world.run(['credentials', 'get', 'hook'])).stdout).toMatch(
      /counts until in \d+ min[\s\S]*in 29 d|ends in 29 d[\s\S]*counts until/,
    );
    const old = state.secrets.find(({ validUntil }) => validUntil !== undefined)?.id ?? '';
    expect(await world.run(['credentials', 'end-secret', 'hook', old, '--yes'])).toMatchObject({ code: 0 });
    expect(await world.run(['credentials', 'create', 'none', ...fields])).toMatchObject({ code: 2 });
  });

  it('never shows a secret, whatever was asked', async () => {
    await world.run(['credentials', 'list']);
    await world.run(['credentials', 'history', 'hook']);
    await world.run(['audit']);
    const words = world.written.join('\n');
    expect(words).not.toMatch(/planted-/);
    expect(world.registry.logs().join('\n')).not.toMatch(/planted-/);
    expect(words).not.toContain(world.bootstrapKey);
  });
});

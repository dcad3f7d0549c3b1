import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '#lab';
import { kinds } from '../src/commands/resources/kinds.js';
import { type CommandWorld, commandWorld } from './command-world.js';

const mainPath = fileURLToPath(new URL('../src/main.js', import.meta.url));

interface State {
  readonly name: string;
  readonly version: number;
  readonly spec: Readonly<Record<string, unknown>>;
}

describe('the command, with a registry', () => {
  let world: CommandWorld;
  const run = (...args: string[]) => world.run(args);
  const project = [
    '--field',
    'url=https://gitlab.example.org/atlas/analysis',
    '--field',
    'path=atlas/analysis',
  ];

  beforeAll(async () => {
    world = await commandWorld(import.meta.url);
    const login = ['login', world.registry.url, '--key-stdin'];
    expect(await world.run(login, { stdin: `${world.bootstrapKey}\n` })).toMatchObject({ code: 0 });
  }, 120_000);
  afterAll(() => world.close());

  it('signs in with the bootstrap key, and keeps a key of its own that others cannot read', async () => {
    const file = join(world.directory, '.config/slipway/servers.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(world.bootstrapKey);
    expect(await world.json('whoami')).toMatchObject({
      url: world.registry.url,
      role: 'admin',
      via: 'api-key',
    });
    expect((await run('whoami')).stdout).toMatch(/role\s+admin/);
  });

  it('says in words that a key does not count, with exit code 4', async () => {
    const answer = await world.run(['whoami'], { env: { SLIPWAY_TOKEN: 'slw_nobody' } });
    expect(answer).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('does not accept the key from SLIPWAY_TOKEN'),
    });
    const nobody = await world.run(['projects', 'list'], {
      env: { HOME: '/nonexistent', SLIPWAY_URL: world.registry.url },
    });
    expect(nobody).toMatchObject({ code: 4, stderr: expect.stringContaining('you are not signed in') });
  });

  it('makes, shows, lists, changes and removes a thing, and tells its history', async () => {
    expect(await run('projects', 'create', 'analysis', ...project)).toMatchObject({
      code: 0,
      stdout: 'created project analysis\n',
    });
    expect(await world.json<State>('projects', 'get', 'analysis')).toMatchObject({
      version: 1,
      spec: { path: 'atlas/analysis' },
    });
    expect((await run('projects', 'get', 'analysis')).stdout).toContain('path: atlas/analysis');
    const list = await run('projects', 'list');
    expect(list.stdout).toMatch(/^NAME +KIND +PATH.*\nanalysis +- +atlas\/analysis/);
    const changed = await run('projects', 'set', 'analysis', 'limits.jobs=200', 'description=ours');
    expect(changed.stdout).toContain('+ limits: {"jobs":200}');
    expect(await run('projects', 'set', 'analysis', 'limits.jobs=200')).toMatchObject({
      code: 0,
      stdout: 'nothing changes\n',
    });
    expect((await run('projects', 'history', 'analysis')).stdout).toMatch(
      /version 2 [\s\S]*\+ description: ours\nversion 1 .*made/,
    );
    expect(await run('projects', 'remove', 'analysis')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('say --yes'),
    });
    expect(await run('projects', 'remove', 'analysis', '--yes')).toMatchObject({ code: 0 });
    expect(await world.json('projects', 'list')).toEqual({ items: [] });
  });

  it('tells what is probably meant by a name that is none, with exit code 3', async () => {
    await run('projects', 'create', 'simulation', ...project);
    const answer = await run('projects', 'get', 'simulaton');
    expect(answer).toMatchObject({ code: 3, stderr: expect.stringContaining('did you mean "simulation"?') });
    expect(await world.run(['__complete', '--', 'projects', 'get', 'sim'])).toMatchObject({
      stdout: 'simulation\t\n',
    });
  });

  it('says of invalid fields which and why, with exit code 2, and of a taken name with 5', async () => {
    const invalid = await run(
      'projects',
      'create',
      'bad',
      '--field',
      'url=ftp://a',
      '--field',
      'limits.jobs=many',
      '--field',
      'nme=x',
    );
    expect(invalid.code).toBe(2);
    for (const path of ['url', 'limits.jobs', 'nme']) expect(invalid.stderr).toContain(`  ${path}: `);
    const broken = await run('projects', 'create', '-f', world.file('broken.yml', 'name: a\nurl: [\n'));
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringMatching(/broken\.yml:\d+:\d+: /) });
    await run('projects', 'create', 'taken', ...project);
    expect(await run('projects', 'create', 'taken', ...project)).toMatchObject({ code: 5 });
    const named = await run(
      'image-rules',
      'create',
      'r',
      '--field',
      'registry=a.org',
      '--field',
      'repository=**',
      '--field',
      'cvmfsRepository=none.example.org',
    );
    expect(named).toMatchObject({ code: 2, stderr: expect.stringContaining('cvmfsRepository') });
  });

  it('says of a new thing what is missing and how to give it, whatever its kind', async () => {
    for (const { plural, title, nameField } of kinds) {
      expect(await run(plural, 'create')).toMatchObject({
        code: 2,
        stderr: `slipway: which ${title}? Say its ${nameField}: slipway ${plural} create ${nameField.toUpperCase()} …, or as "${nameField}" in the file\n`,
      });
    }
    expect(await run('sources', 'create', 'hub', '--field', 'colour=red')).toMatchObject({
      code: 2,
      stderr: [
        'slipway: 3 things are wrong',
        '  kind: is missing: expected one of docker-hub, distribution, gitlab, harbor, quay, github, standard-webhooks',
        '  secrets: is missing: expected a list',
        '  colour: is not a field',
        'Fields are given by --field KEY=VALUE or by a file: slipway sources create --help shows how.',
        '',
      ].join('\n'),
    });
  });

  it('opens an editor, and tells what differs where somebody else was faster, with exit code 5', async () => {
    await run('projects', 'create', 'edited', ...project);
    const editor = (text: string, more = '') =>
      world.file(`editor-${text.length}.sh`, `#!/bin/sh\n${more}\nprintf '${text}\\n' >> "$1"\n`);
    const own = await world.run(['projects', 'edit', 'edited'], {
      env: { EDITOR: `sh ${editor('description: mine')}` },
    });
    expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining('+ description: mine') });
    const meanwhile = `HOME=${world.directory} ${process.execPath} ${mainPath} projects set edited limits.cpus=4 >/dev/null`;
    const late = await world.run(['projects', 'edit', 'edited'], {
      env: { EDITOR: `sh ${editor('backend: condor', meanwhile)}` },
    });
    expect(late.code).toBe(5);
    expect(late.stderr).toContain('changed it meanwhile, to version 3');
    expect(late.stderr).toContain('+ limits: {"cpus":4}');
    const [, kept = ''] = /what you wrote is in (\S+)/.exec(late.stderr) ?? [];
    expect(readFileSync(kept, 'utf8')).toContain('backend: condor');
    const none = await world.run(['projects', 'edit', 'edited'], { env: { EDITOR: 'true' } });
    expect(none).toMatchObject({ code: 0, stdout: 'nothing changes\n' });
  });

  it('shows the audit trail', async () => {
    await run('projects', 'create', 'trailed', ...project);
    const { items } = await world.json<{ items: object[] }>('audit', '--name', 'trailed');
    expect(items).toEqual([expect.objectContaining({ kind: 'project', name: 'trailed', version: 1 })]);
    expect((await run('audit', '--since', '1h')).stdout).toMatch(/WHEN +WHO .*\n.*trailed/);
  });

  it('makes an API key that is shown once, and ends it', async () => {
    const made = await run('api-keys', 'create', 'ci', '--role', 'reader', '--expires', '1h');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^slw_\S+\n$/) });
    const env = { SLIPWAY_TOKEN: made.stdout.trim(), SLIPWAY_URL: world.registry.url };
    expect(await world.run(['projects', 'list'], { env })).toMatchObject({ code: 0 });
    expect(await world.run(['projects', 'create', 'x', ...project], { env })).toMatchObject({ code: 4 });
    const { items } = await world.json<{ items: { id: string; name: string }[] }>('api-keys', 'list');
    const id = items.find(({ name }) => name === 'ci')?.id ?? '';
    expect(await run('api-keys', 'revoke', id, '--yes')).toMatchObject({ code: 0 });
  });

  it('lists the browsers that are signed in, and ends a session', async () => {
    const { stdout: key } = await run('api-keys', 'create', 'browser', '--role', 'reader', '--expires', '1h');
    const signedIn = await fetch(`${world.registry.url}/auth/key`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Lynx/2.9', 'x-slipway-request': '1' },
      body: JSON.stringify({ key: key.trim() }),
    });
    const cookie = signedIn.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ');
    const asks = async (): Promise<number> =>
      (await fetch(`${world.registry.url}/api/v1/me`, { headers: { cookie } })).status;
    expect(await asks()).toBe(200);
    const { items } = await world.json<{ items: { id: string; name: string }[] }>('sessions', 'list');
    expect(items).toEqual([expect.objectContaining({ name: 'browser', way: 'api-key' })]);
    expect((await run('sessions', 'list')).stdout).toMatch(/WHOSE .*\nbrowser +api-key/);
    expect(await run('sessions', 'revoke', items[0]?.id ?? '', '--yes')).toMatchObject({ code: 0 });
    await waitFor(async () => (await asks()) === 401, { what: 'the browser to be signed out' });
    expect((await run('sessions', 'list')).stdout).toBe('no browser is signed in\n');
  });
});

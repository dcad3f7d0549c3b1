import { spawn } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { gridDeadlineMs, realApptainer, whyNoApptainer } from '#lab';
import { programLayer } from './program-layer.js';
import { cvmfsRepository, PublisherWorld } from './publisher-world.js';

const reason = whyNoApptainer();
const odd = 'a "quoted" $HOME `id` \'word\'; *\\';
const cvmfs = `/cvmfs/${cvmfsRepository}`;
const applets = ['cat', 'env', 'id', 'ls', 'pwd', 'readlink', 'stat', 'touch'];

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

// Real: Apptainer 1.4, and what cvmfs-publisher made of an image in Debian's docker-registry, read-only as on CVMFS.
(reason === undefined ? describe : describe.skip)(reason ?? 'a published tree', () => {
  let world: PublisherWorld;
  let tree: string;
  const programs = new Map<string, string>();

  beforeAll(async () => {
    world = await PublisherWorld.create({
      testPath: import.meta.url,
      repository: { bindPoints: ['/cvmfs', '/site/scratch'] },
    });
    await world.startPublisher();
    const files = [
      { name: 'bin/sh', type: 'link', linkname: 'bin/busybox' } as const,
      ...applets.map((name) => ({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' }) as const),
      { name: 'bin/say', mode: 0o755, content: '#!/bin/sh\nprintf "<%s>" "$@"\n' },
      { name: 'srv/app/', type: 'directory' } as const,
      { name: 'srv/app/data', content: 'some data\n' },
      { name: 'srv/app/same', type: 'link', linkname: 'srv/app/data' } as const,
      { name: 'srv/app/link', type: 'symlink', linkname: '/srv/app/data' } as const,
    ];
    const config = {
      Env: ['PATH=/opt/tool/bin:/bin', `ODD=${odd}`, 'EMPTY=', 'LINES=one\ntwo'],
      Entrypoint: ['/bin/say', 'hello $HOME'],
      Cmd: ['the', 'wor ld'],
      WorkingDir: '/srv/app',
      User: '1000:1000',
      Labels: { 'org.example.tool': odd },
    };
    const digest = await world.push('team/tool', 'v1', [programLayer(['busybox']), files], { config });
    await world.announce({ repository: 'team/tool', tag: 'v1', digest });
    await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    tree = join(cvmfs, relative(world.root, world.link('team/tool', 'v1')));
    // Beside it what Apptainer makes of the same image by itself.
    const directory = join(world.directory, 'maker');
    const maker = await realApptainer({ directory });
    const own = join(world.directory, 'own');
    const image = `docker://${world.registry.host}/team/tool:v1`;
    const made = await run(maker, ['build', '--no-https', '--sandbox', own, image]);
    expect(made).toMatchObject({ code: 0 });
    await chmod(own, 0o755);
    const empty = join(world.directory, 'empty');
    await mkdir(empty);
    for (const user of ['root', 'grid'] as const) {
      const mounts = { [cvmfs]: world.root, '/own': own, '/site/scratch': empty };
      programs.set(user, await realApptainer({ directory: join(world.directory, user), mounts, user }));
    }
  }, gridDeadlineMs);
  afterAll(() => world?.close());

  const run = (program: string, args: readonly string[], env: object = {}): Promise<Outcome> => {
    const child = spawn(program, args, {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: '/root', ...env },
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = Promise.all([text(child.stdout), text(child.stderr)]);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        void printed.then(([out, said]) => resolve({ code, out, said }));
      });
    });
  };

  const shown = 'printf "%s|" "$PATH" "$ODD" "${EMPTY-unset}" "$LINES" "$LD_LIBRARY_PATH" "$HOME"';
  const cases: [string, readonly string[], object][] = [
    ['its entry point with its own command', ['run', 'IMAGE'], {}],
    ['its entry point with other arguments', ['run', 'IMAGE', 'argu ments', odd], {}],
    ['its environment', ['exec', 'IMAGE', 'sh', '-c', shown], {}],
    [
      'the caller’s variables over its own',
      ['exec', 'IMAGE', 'sh', '-c', shown],
      { ODD: 'mine', PATH: '/usr/bin:/usr/sbin:/x' },
    ],
    ['variables by an option', ['exec', '--env', 'ODD=by option', 'IMAGE', 'sh', '-c', shown], {}],
    [
      'nothing of the caller’s environment',
      ['exec', '--cleanenv', 'IMAGE', 'sh', '-c', `${shown}; printf %s "$MINE"`],
      { MINE: 'x' },
    ],
    [
      'nothing of the machine’s directories',
      ['exec', '--containall', 'IMAGE', 'sh', '-c', `${shown}; ls -d /tmp/* | cat`],
      {},
    ],
    ['its working directory', ['exec', '--pwd', '/srv/app', 'IMAGE', 'cat', 'data'], {}],
    ['the caller’s own directory else', ['exec', 'IMAGE', 'pwd'], {}],
    ['the caller as user', ['exec', 'IMAGE', 'sh', '-c', 'id -u; id -g'], {}],
    ['an exit status', ['exec', 'IMAGE', 'sh', '-c', 'exit 7'], {}],
    ['a signal', ['exec', 'IMAGE', 'sh', '-c', 'kill -TERM $$'], {}],
    ['a program that is not there', ['exec', 'IMAGE', 'nothing-of-that-name'], {}],
    [
      'hard links and links',
      ['exec', 'IMAGE', 'sh', '-c', 'cd /srv/app && cat data same link && stat -c %h data same'],
      {},
    ],
    ['a shell', ['shell', 'IMAGE', '-c', 'echo "in $0"; cat /srv/app/data'], {}],
    [
      'nothing that can be written',
      ['exec', 'IMAGE', 'sh', '-c', 'touch /srv/app/new 2>/dev/null || echo refused'],
      {},
    ],
  ];

  /** In these Apptainer reads an image's start-up files. */
  const startUp = new Set([
    'its entry point with other arguments',
    'its environment',
    'the caller’s variables over its own',
    'variables by an option',
    'nothing of the caller’s environment',
    'nothing of the machine’s directories',
  ]);
  // The lab's Apptainer gives root no capabilities, for who runs the tests may not have all of them; so started, it did
  // not read the start-up files of its own copy, while it read ours: there is nothing to compare with.
  const users: [string, typeof cases][] = [
    ['root', cases.filter(([what]) => !startUp.has(what))],
    ['grid', cases],
  ];
  const on = (user: string, args: readonly string[], image: string, env?: object): Promise<Outcome> =>
    run(
      programs.get(user) ?? '',
      args.map((word) => (word === 'IMAGE' ? image : word)),
      env,
    );

  describe.each(users)(
    'run by %s, gives the same as Apptainer’s own copy of the image:',
    (user, compared) => {
      it.each(compared)('%s', async (_what, args, env) => {
        const ours = await on(user, args, tree, env);
        const { code, out } = await on(user, args, '/own', env);
        expect({ code: ours.code, out: ours.out, said: ours.said }).toMatchObject({ code, out });
        if (code === 0) expect(ours.said).not.toMatch(/FATAL|ERROR/);
      });

      it('its labels and its start script', async () => {
        const { out } = await on(user, ['inspect', '--labels', '--json', 'IMAGE'], tree);
        expect(out).toContain(JSON.stringify(odd));
        expect((await on(user, ['inspect', '--runscript', 'IMAGE'], tree)).out).toContain('/bin/say');
      });
    },
  );

  it('has the site’s directories where it has bind points for them', async () => {
    const bound = ['--bind', '/site/scratch', '--bind', '/cvmfs'];
    const look = ['exec', ...bound, 'IMAGE', 'ls', '-d', '/site/scratch', cvmfs];
    expect(await on('root', look, tree)).toMatchObject({
      code: 0,
      out: `/cvmfs/unpacked.example.org\n/site/scratch\n`,
    });
  });
});

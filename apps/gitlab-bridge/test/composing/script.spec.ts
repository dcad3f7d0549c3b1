import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { password } from './repository.js';
import { script, variable } from './run-ci-job.js';
import { bareNode, openWorld, type World } from './world.js';

const after = (...lines: readonly string[]): object => ({ name: 'after_script', script: lines });

// Real: git over HTTP, the job's wrapper, the shells. Stands in: apptainer, where an image is entered.
describe('the script of a CI job', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ 'a.txt': 'hello\n' });
  });
  afterAll(() => world.close());

  it('has the sources, its variables and files, and brings its artifacts', async () => {
    const { code, end, log, outputs } = await world.run({
      variables: [
        variable('FILE', 'what is in it', { file: true }),
        variable('GREETING', 'from $CI_SERVER in ${CI_PROJECT_DIR}'),
        variable('RAW', '$CI_SERVER', { raw: true }),
        variable('OF_FILE', 'path $FILE'),
        variable('ODD', `it's "q" \\n $$x \u001b\n\n`),
        variable('1BAD', 'x'),
        variable('UID', '5'),
      ],
      steps: [
        script(
          'cat a.txt',
          '[ "$PWD" = "$CI_PROJECT_DIR" ] && echo "$GREETING; $RAW"',
          'cat "$FILE"; echo; echo "at $FILE"; echo "$OF_FILE"',
          'printf %s "$ODD" | od -An -tx1 | tr -d " \\n"; echo',
          'git fetch --quiet origin && echo fetched',
          'mkdir -p out/x && echo 1 >out/x/y.log',
          'read -r line || echo "no input"',
        ),
        after('echo "status $CI_JOB_STATUS"'),
      ],
      artifacts: [{ paths: ['out/**/*.log'] }],
    });
    expect(end).toMatchObject({ fault: '', exit: '' });
    expect(code).toBe(0);
    expect(log).toContain('hello\n');
    expect(log).toMatch(/\nfrom yes in \/.*\/builds\/group\/project; \$CI_SERVER\n/);
    expect(log).toMatch(/what is in it\nat (\/.*\/group\/project\.tmp\/FILE)\npath \1\n/);
    expect(log).toContain(`\n${Buffer.from(`it's "q" \\n $x \u001b\n\n`).toString('hex')}\n`);
    expect(log).toContain('WARNING: no variable of a shell on this node: 1BAD');
    expect(log).toContain('fetched\n');
    expect(log).toContain('no input\n');
    expect(log).toContain('status success\n');
    expect(log).not.toContain(password);
    expect(await readFile(join(outputs, 'slipway-artifacts/0/out/x/y.log'), 'utf8')).toBe('1\n');
  });

  it.each([
    ['bash', ['bash', 'timeout'], 'sh'],
    ['dash', ['dash', 'timeout'], 'dash'],
    ['busybox sh', ['busybox'], 'busybox sh'],
  ])('runs in one shell, shown command by command, where the node has %s', async (name, tools, wrapper) => {
    const node = await bareNode(tools);
    const { code, log } = await world.run(
      {
        variables: [variable('FILE', 'x', { file: true })],
        steps: [
          script(
            'kept=one; cd /',
            'echo "kept $kept in $PWD"',
            'for n in 1 2; do\n  echo "line $n"\ndone',
            '',
            "  echo it\\'s '$HOME' \"`echo done`\"  ",
            'cat "$FILE" | grep -c x',
            'echo "bash ${BASH_VERSION:-none}"',
            'exit 42',
            'echo never',
          ),
          after('echo "kept ${kept:-nothing}: $CI_JOB_STATUS in ${PWD##*/}"', 'false', 'echo never'),
        ],
      },
      { path: node.path, shell: wrapper.split(' ') },
    );
    expect(code).toBe(42);
    expect(log).toContain('\u001b[32;1m$ echo "kept $kept in $PWD"\u001b[0;m\nkept one in /\n');
    expect(log).toContain('$ for n in 1 2; do # collapsed multi-line command\u001b[0;m\nline 1\nline 2\n\n');
    expect(log).toContain("\nit's $HOME done\n");
    expect(log).toMatch(name === 'bash' ? /\nbash \d/ : /\nbash none\n/);
    expect(log).not.toContain('\nnever');
    expect(log).toContain('kept nothing: failed in project\n');
    expect(log).toContain('after_script failed, but job will continue unaffected: exit status 1');
    await node.remove();
  });

  it.each([
    ['a command in the middle of a pipe', ['set -o | grep -q pipefail', 'exit 3 | cat'], 3],
    ['a command that is not there', ['no-such-command'], 127],
    ['itself, by a signal', ['kill -9 $$'], 137],
    ['the shell, which cannot read it', ['echo "open', 'true'], 2],
    ['nothing, after set +e', ['set +e', 'false', 'true'], 0],
    ['what set +e let pass to the end', ['set +e', 'sh -c "exit 9"'], 9],
  ])('ends with the exit status of what failed: %s', async (_what, lines, status) => {
    const { code } = await world.run({
      variables: [variable('GIT_STRATEGY', 'none')],
      steps: [script(...lines)],
    });
    expect(code).toBe(status);
  });

  it('has the variables of its item above those of GitLab', async () => {
    const { code, log } = await world.run(
      {
        variables: [variable('GIT_STRATEGY', 'none'), variable('YEAR', 'any'), variable('OTHER', 'kept')],
        steps: [script('echo "of $YEAR, $CI_NODE_INDEX, $OTHER"')],
      },
      { itemVariables: { YEAR: `20"1"6 '$HOME'`, CI_NODE_INDEX: '3' } },
    );
    expect(code).toBe(0);
    expect(log).toContain(`of 20"1"6 '$HOME', 3, kept\n`);
  });

  it('is ended when it takes too long, and what comes after has its own limit', async () => {
    const { end, log } = await world.run({
      variables: [
        variable('GIT_STRATEGY', 'none'),
        variable('RUNNER_SCRIPT_TIMEOUT', '1s'),
        variable('RUNNER_AFTER_SCRIPT_TIMEOUT', '1s'),
      ],
      steps: [script('sleep 60'), after('echo "status $CI_JOB_STATUS"', 'sleep 60')],
    });
    expect(end).toMatchObject({ fault: 'script-timeout', step: 'step_script' });
    expect(log).toContain('status failed\n');
    expect(log).toContain('after_script failed, but job will continue unaffected: it took longer than 1 s');
  });

  it('is ended by a cancellation, and its after_script knows; before it was begun there is none', async () => {
    const fields = { steps: [script('echo begun', 'sleep 60'), after('echo "status $CI_JOB_STATUS"')] };
    const { code, end, log } = await world.run(
      { ...fields, variables: [variable('GIT_STRATEGY', 'none')] },
      { cancelAt: '\nbegun\n' },
    );
    expect({ code, fault: end['fault'] }).toEqual({ code: 143, fault: 'cancelled' });
    expect(log).toContain('status canceled\n');
    const early = await world.run(
      { ...fields, hooks: [{ name: 'pre_get_sources_script', script: ['echo fetching', 'sleep 60'] }] },
      { cancelAt: '\nfetching\n' },
    );
    expect(early.end).toMatchObject({ fault: 'cancelled' });
    expect(early.log).not.toContain('status');
  });

  it('runs on a node that has no home directory, and with a TMPDIR that is not there', async () => {
    const { code, log, outputs } = await world.run(
      {
        variables: [variable('TMPDIR', '/no/such/directory')],
        steps: [script('cat a.txt', 'git fetch --quiet origin')],
        artifacts: [{ paths: ['a.txt'] }],
      },
      { environment: { HOME: undefined } },
    );
    expect(log).toContain('\nhello\n');
    expect(code).toBe(0);
    expect(await readFile(join(outputs, 'slipway-artifacts/0/a.txt'), 'utf8')).toBe('hello\n');
  });

  it('lets its after_script count where that is asked', async () => {
    const { code, end } = await world.run({
      variables: [variable('GIT_STRATEGY', 'none'), variable('AFTER_SCRIPT_IGNORE_ERRORS', 'false')],
      steps: [script('true'), after('exit 6')],
    });
    expect(code).toBe(6);
    expect(end).toMatchObject({ step: 'after_script', exit: '6' });
  });

  it('is followed by the release, with variables in it, and shows all of itself where that is asked', async () => {
    const { code, log } = await world.run({
      variables: [
        variable('GIT_STRATEGY', 'none'),
        variable('CI_DEBUG_TRACE', 'true'),
        variable('TAG', 'v1'),
      ],
      steps: [
        script('word=traced; echo $word'),
        { name: 'release', script: ['echo release ${TAG} of $CI_SERVER'] },
      ],
    });
    expect(code).toBe(0);
    expect(log).toContain('+ word=traced\n');
    expect(log).toContain('$ echo release v1 of yes\u001b[0;m');
  });

  it('runs in its image, by its entrypoint, while the sources are fetched outside', async () => {
    const node = await bareNode(['bash', 'timeout', 'dash']);
    // Stands in for the engine: enters nothing, and tells what it was to enter.
    const engine = `#!/bin/sh\nwhile [ "$1" != docker://python:3 ]; do shift; done\nshift\nINSIDE=image exec "$@"\n`;
    const entrypoint = `#!/bin/sh\necho "entered with $1"\nshift\nexec "$@"\n`;
    for (const [name, text] of [
      ['apptainer', engine],
      ['enter', entrypoint],
    ] as const) {
      await writeFile(join(node.path, name), text);
      await chmod(join(node.path, name), 0o755);
    }
    const { code, log } = await world.run(
      {
        image: { name: 'python:$VERSION', entrypoint: [join(node.path, 'enter'), 'an argument'] },
        variables: [variable('VERSION', '3')],
        hooks: [{ name: 'post_get_sources_script', script: ['echo "sources ${INSIDE:-outside}"'] }],
        steps: [
          script('echo "script ${INSIDE:-outside}: $CI_JOB_IMAGE"', 'cat a.txt'),
          after('echo "after ${INSIDE:-outside}"'),
        ],
        artifacts: [{ paths: ['a.txt'] }],
      },
      { path: node.path },
    );
    expect(code).toBe(0);
    expect(log).toMatch(
      /sources outside\n[^]*entered with an argument\n[^]*script image: python:3\n[^]*hello\n[^]*after image\n/,
    );
    await node.remove();
  });
});

import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { script } from './run-ci-job.js';
import { bareNode, busyboxTools, openWorld, type World } from './world.js';

async function filesOf(outputs: string, index = 0): Promise<readonly string[]> {
  const root = join(outputs, 'slipway-artifacts', String(index));
  // Not readdirSync: that of Node 24 goes through symbolic links.
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

describe('the artifacts of a CI job', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ 'a.txt': 'first\n', '.gitignore': '*.ignored\n', 'src/deep/b.txt': 'b\n' });
  });
  afterAll(() => world.close());

  it.each([
    ['GNU', ''],
    ['busybox', busyboxTools],
  ])(
    'are what the paths match, without what is excluded, with links and modes, by tools of %s',
    async (_of, tools) => {
      const node = await bareNode(['bash', 'mkfifo'], [], tools);
      const { code, log, outputs } = await world.run(
        {
          steps: [
            script(
              'mkdir -p "out/an empty one" "out/x y" out/secret',
              `echo 1 >"out/x y/it's \\$1.log"; echo 2 >out/x.log; echo 3 >out/run; chmod 751 out/run`,
              'echo s >out/secret/key; ln -s ../a.txt out/link; ln -s /etc out/etc; ln -s src srclink',
              'echo outside >../beside; mkfifo out/fifo',
              'touch "out/-dash" "out/back\\\\slash"',
            ),
          ],
          artifacts: [
            {
              paths: [
                'out/',
                './src/**/*.txt',
                '$CI_PROJECT_DIR/a.txt',
                '../beside',
                '/etc/passwd',
                'out/etc/passwd',
                'srclink/deep',
                'no[thing',
              ],
              exclude: ['out/secret/**', '**/*.logs'],
            },
            { paths: ['**/*.log', '{a,z}.txt'], exclude: ['out/x.log'] },
            { paths: ['nothing'] },
            { paths: ['srclink', 'srclink/**/*.txt', 'out/etc/*', 'out/etc/hosts', 'out/*-dash'] },
          ],
        },
        { path: node.path },
      );
      await node.remove();
      expect(code).toBe(0);
      expect(await filesOf(outputs)).toEqual(
        [
          'a.txt',
          'out/-dash',
          'out/back\\slash',
          'out/etc',
          'out/link',
          'out/run',
          'out/x.log',
          "out/x y/it's $1.log",
          'src/deep/b.txt',
          'srclink/deep/b.txt',
        ].sort(),
      );
      expect(statSync(join(outputs, 'slipway-artifacts/0/out/an empty one')).isDirectory()).toBe(true);
      expect(statSync(join(outputs, 'slipway-artifacts/0/out/run')).mode & 0o777).toBe(0o751);
      expect(readlinkSync(join(outputs, 'slipway-artifacts/0/out/link'))).toBe('../a.txt');
      expect(await filesOf(outputs, 1)).toEqual(['a.txt', "out/x y/it's $1.log"]);
      expect(readdirSync(join(outputs, 'slipway-artifacts')).sort()).toEqual(['0', '1', '3']);
      expect(log).toContain('artifact path is not a subpath of project directory: ../beside');
      expect(log).toContain('artifact path is not a subpath of project directory: /etc/passwd');
      expect(log).toMatch(/WARNING: out\/etc\/passwd: no matching files\./);
      expect(log).toContain('no[thing: syntax error in pattern');
      expect(log).toContain(
        'WARNING: nothing: no matching files. Ensure that the artifact path is relative to the working directory (/',
      );
      expect(log).toContain('ERROR: No files to upload');
    },
  );

  it('are what git does not know as well, where that is asked', async () => {
    const { outputs, log } = await world.run({
      steps: [
        script('mkdir new; echo 1 >new/file; echo 2 >x.ignored; echo 3 >"ünder score"; echo 4 >left.out'),
      ],
      artifacts: [{ untracked: true, paths: [], exclude: ['left.*'] }],
    });
    expect(await filesOf(outputs)).toEqual(['new/file', 'x.ignored', 'ünder score'].sort());
    expect(log).toContain('untracked: found 3 files');
  });

  it('are taken by how the script went', async () => {
    const fields = {
      artifacts: [
        { paths: ['good'] },
        { paths: ['bad'], when: 'on_failure', artifact_type: 'junit', artifact_format: 'gzip' },
        { paths: ['any'], when: 'always' },
      ],
    };
    const good = await world.run({ ...fields, steps: [script('touch good bad any')] });
    expect(readdirSync(join(good.outputs, 'slipway-artifacts')).sort()).toEqual(['0', '2']);
    const bad = await world.run({ ...fields, steps: [script('echo text >bad', 'touch good any', 'exit 7')] });
    expect(bad.code).toBe(7);
    expect(readdirSync(join(bad.outputs, 'slipway-artifacts')).sort()).toEqual(['1', '2']);
    expect(await readFile(join(bad.outputs, 'slipway-artifacts/1/bad'), 'utf8')).toBe('text\n');
    expect(bad.log).toContain('upload_artifacts_on_failure');
  });
});

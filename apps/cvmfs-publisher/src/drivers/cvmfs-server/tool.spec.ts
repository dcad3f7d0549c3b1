import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CvmfsTool, minimalEnvironment } from './tool.js';

describe('cvmfs_server is run', () => {
  let directory: string;
  let tool: CvmfsTool;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cvmfs-tool-'));
    const script = join(directory, 'cvmfs_server');
    writeFileSync(
      script,
      '#!/bin/sh\ncase $1 in env) env;; cwd) pwd; cat;; *) echo "$@" >&2; exit "$2";; esac\n',
    );
    chmodSync(script, 0o755);
    tool = new CvmfsTool({
      tool: script,
      outputFile: join(directory, 'output'),
      lockFile: join(directory, 'lock'),
      environment: minimalEnvironment(),
    });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('with its exit code and words known afterwards, to a later process too', async () => {
    const answer = { code: 17, text: 'transaction 17' };
    expect(await tool.run('transaction', '17')).toEqual(answer);
    expect(await tool.lastAnswer()).toEqual(answer);
    tool.forget();
    expect(await tool.lastAnswer()).toEqual({ code: undefined, text: '' });
  });

  it('from the root directory, without input', async () => {
    expect(await tool.run('cwd')).toEqual({ code: 0, text: '/' });
  });

  it("without this process's environment, which holds secrets", async () => {
    process.env['SLIPWAY_TEST_SECRET'] = 'hidden';
    const { text } = await tool.run('env');
    delete process.env['SLIPWAY_TEST_SECRET'];
    expect(text).not.toContain('hidden');
    expect(text).toContain('LC_ALL=C');
  });

  it('as killed when a signal ends it', async () => {
    expect(await tool.run('x', '137')).toMatchObject({ code: undefined });
  });

  it.each(['$(touch executed)', '`id`', 'a b', 'a;b', 'a\nb', '', 'ü'])(
    'never with the argument %j, which could reach a shell inside it',
    async (argument) => {
      await expect(tool.run('publish', '-m', argument)).rejects.toMatchObject({
        code: 'cvmfs.argument_refused',
        temporary: false,
      });
      expect(existsSync(join(directory, 'output'))).toBe(false);
    },
  );
});

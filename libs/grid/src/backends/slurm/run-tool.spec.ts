import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GridIdentity } from '../../backend.js';
import { runTool } from './run-tool.js';
import { ToolsClient } from './tools.client.js';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdW4iOiJhZGEifQ.c2lnbmF0dXJl';
const signal = AbortSignal.timeout(60_000);

// Real: processes. The tools are shell scripts that tell how they were called.
describe('a tool of Slurm', () => {
  let tools: string;
  const tool = (name: string, script: string): Promise<void> =>
    writeFile(join(tools, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  beforeEach(async () => {
    tools = await mkdtemp(join(tmpdir(), 'slipway-tools-'));
  });
  afterEach(() => rm(tools, { recursive: true }));

  it('gets the token in its environment, and it stands in no list of arguments', async () => {
    const here = '$(dirname "$0")';
    await tool(
      'scontrol',
      `cat /proc/$$/cmdline /proc/$PPID/cmdline >${here}/said; printf %s "$SLURM_JWT" >${here}/jwt`,
    );
    const own: GridIdentity = { name: 'robot', type: 'slurm-token', secret: () => jwt };
    await new ToolsClient(tools, own).version({ signal });
    expect(await readFile(join(tools, 'jwt'), 'utf8')).toBe(jwt);
    const said = await readFile(join(tools, 'said'), 'utf8');
    expect(said).toContain('show\0config');
    expect(said).not.toContain(jwt);
  });

  it('gets nothing of our own environment', async () => {
    process.env['SLIPWAY_PLANTED'] = 'a secret';
    try {
      await tool('env-of', 'env');
      const { stdout } = await runTool('env-of', [], { tools, env: { GIVEN: 'yes' }, signal });
      expect(stdout).toContain('GIVEN=yes');
      expect(stdout).not.toContain('a secret');
    } finally {
      delete process.env['SLIPWAY_PLANTED'];
    }
  });

  it('reads all that it is handed, of which no file stays behind', async () => {
    const before = (await readdir(tmpdir())).filter((name) => /^slipway-[0-9a-f]{32}$/.test(name));
    await tool('count', 'wc -c');
    const { stdout } = await runTool('count', [], { tools, env: {}, input: 'x'.repeat(3_000_000), signal });
    expect(stdout.trim()).toBe('3000000');
    const after = (await readdir(tmpdir())).filter((name) => /^slipway-[0-9a-f]{32}$/.test(name));
    expect(after.filter((name) => !before.includes(name))).toEqual([]);
  });

  it('that is missing is no refusal: it may be there later', async () => {
    await expect(runTool('nothing', [], { tools, env: {}, signal })).rejects.toMatchObject({
      code: 'grid.unavailable',
      temporary: true,
    });
  });

  it('ends when the call is ended', async () => {
    await tool('sleeper', 'sleep 600');
    const ending = new AbortController();
    const running = runTool('sleeper', [], { tools, env: {}, signal: ending.signal });
    ending.abort(new Error('no longer wanted'));
    await expect(running).rejects.toThrow('no longer wanted');
  });

  it('is not run for an identity without a token', async () => {
    const own: GridIdentity = { name: 'robot', type: 'x509-proxy', secret: () => 'x' };
    await expect(new ToolsClient(tools, own).version({ signal })).rejects.toMatchObject({
      code: 'grid.unauthorized',
    });
  });
});

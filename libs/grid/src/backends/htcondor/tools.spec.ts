import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { permanent } from '#errors';
import { toolRunner } from './tools.js';

describe('a tool', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-tools-'));
  const begun = join(directory, 'begun');
  const heard = join(directory, 'heard');
  const script = `#!/bin/sh\ntouch '${begun}'\ncat\ntouch '${heard}'\n`;
  writeFileSync(join(directory, 'echoing'), script, { mode: 0o755 });
  const run = toolRunner(directory);
  const call = { args: [], cwd: directory, timeoutMs: 30_000, signal: AbortSignal.timeout(30_000) };
  beforeEach(() => rmSync(heard, { force: true }));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('starts before its input is there, and reads all of it', async () => {
    rmSync(begun, { force: true });
    const text = 'x'.repeat(1_000_000);
    const input = until(begun).then(() => text);
    expect(await run('echoing', { ...call, input })).toMatchObject({ exitCode: 0, stdout: text });
  });

  it('is ended without having read to an end where its input does not come', async () => {
    const why = permanent('grid.refused', 'there is no such image');
    const input = until(begun).then(() => Promise.reject(why));
    await expect(run('echoing', { ...call, input })).rejects.toBe(why);
    expect(existsSync(heard)).toBe(false);
  });
});

async function until(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
}

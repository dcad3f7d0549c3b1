import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decompress } from 'fzstd';
import { pack } from 'tar-stream';
import { makeSandbox } from './sandbox.js';
import { unpackSandbox } from './unpack-sandbox.js';
import { zstdFrame } from './zstd-frame.js';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'slipway-sandbox-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const options = {
  wanted: ['slipway.log', 'slipway-end'],
  mostBytes: 2 ** 20,
  signal: new AbortController().signal,
};

async function tar(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function* inPieces(content: Buffer, size = 1_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

describe('a frame of raw blocks', () => {
  it.each([0, 1, 131_072, 131_073, 400_000])('carries %d bytes to any decoder', (length) => {
    const content = Buffer.alloc(length, 'slipway ');
    expect(Buffer.from(decompress(zstdFrame(content)))).toEqual(content);
  });

  it('is what the program zstd takes for a whole file', () => {
    const content = Buffer.alloc(300_000, 'slipway ');
    const { status, stdout } = spawnSync('zstd', ['-dc'], { input: zstdFrame(content), maxBuffer: 1e7 });
    expect([status, stdout.equals(content)]).toEqual([0, true]);
  });
});

describe('an input sandbox', () => {
  it('is the same for the same files, so that it is stored once', async () => {
    const files = [{ name: 'slipway-job.sh', content: 'echo' }];
    expect((await makeSandbox(files)).sha256).toBe((await makeSandbox(files)).sha256);
  });
});

describe('an output sandbox', () => {
  it.each(['zstd', 'bzip2'])('is unpacked when %s made it, the wanted files alone', async (program) => {
    const content = await tar({
      'slipway.log': 'log\n',
      './slipway-end': 'exit=0\n',
      'std.out': 'x',
      other: 'x',
    });
    const { stdout } = spawnSync(program, ['-c'], { input: content });
    expect(await unpackSandbox(inPieces(stdout, 7), directory, options)).toEqual([
      'slipway.log',
      'slipway-end',
    ]);
    expect(readdirSync(directory).sort()).toEqual(['slipway-end', 'slipway.log']);
    expect(readFileSync(join(directory, 'slipway-end'), 'utf8')).toBe('exit=0\n');
  });

  it('leads to no place but the directory', async () => {
    const content = zstdFrame(
      await tar({ '../slipway.log': 'x', '/tmp/slipway-end': 'x', 'a/slipway.log': 'x' }),
    );
    expect(await unpackSandbox(inPieces(content), directory, options)).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each(['zstd', 'bzip2'])('that is a bomb of %s is stopped', async (program) => {
    const content = await tar({ 'slipway.log': '0'.repeat(3 * 2 ** 20) });
    const { stdout } = spawnSync(program, ['-c'], { input: content, maxBuffer: 1e7 });
    await expect(unpackSandbox(inPieces(stdout), directory, options)).rejects.toThrow(/larger than/);
  });

  it.each(['zstd', 'bzip2'])('of %s that was cut is no sandbox', async (program) => {
    const { stdout } = spawnSync(program, ['-c'], { input: await tar({ 'slipway.log': 'log' }) });
    const cut = stdout.subarray(0, stdout.length - 20);
    await expect(unpackSandbox(inPieces(cut), directory, options)).rejects.toThrow();
  });

  it.each(['', 'hello, world'])('that begins with %j is none', async (text) => {
    await expect(unpackSandbox(inPieces(Buffer.from(text)), directory, options)).rejects.toThrow(/neither/);
  });
});

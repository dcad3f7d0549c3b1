import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Decompress } from 'fzstd';
import { extract } from 'tar-stream';

/** Four bytes of zstd may stand for 128 KiB: more are not handed to the decoder at once. */
const pieceBytes = 1_024;
const zstd = 0xfd2fb528;

/**
 * Unpacks the wanted files of an output sandbox into a directory, tar.zst or tar.bz2 (by the program bzip2) by how it
 * begins. Gives the names of what there was. Throws where it is neither, broken, or larger than `mostBytes`.
 */
export async function unpackSandbox(
  content: AsyncIterable<Uint8Array>,
  directory: string,
  { wanted, mostBytes, signal }: UnpackOptions,
): Promise<readonly string[]> {
  const found: string[] = [];
  const archive = extract();
  const reading = (async () => {
    for await (const entry of archive) {
      const name = entry.header.name.replace(/^\.\//, '');
      // What a job put there comes from anybody: names outside of the list lead nowhere.
      if (entry.header.type === 'file' && wanted.includes(name) && !found.includes(name)) {
        await pipeline(entry, createWriteStream(join(directory, name), { mode: 0o600 }), { signal });
        found.push(name);
      } else {
        entry.resume();
      }
    }
  })();
  await Promise.all([
    pipeline(Readable.from(limited(decompressed(content), mostBytes)), archive, { signal }),
    reading,
  ]);
  return found;
}

/** What is taken out of a sandbox: plain files of these names alone, and how large it may be. */
export interface UnpackOptions {
  readonly wanted: readonly string[];
  /** Uncompressed, the archive as a whole. */
  readonly mostBytes: number;
  readonly signal: AbortSignal;
}

async function* decompressed(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(content, { objectMode: false });
  await new Promise((resolve, reject) => source.once('readable', resolve).once('error', reject));
  const first = (source.read() as Buffer | null) ?? Buffer.alloc(0);
  source.unshift(first);
  if (first.length >= 4 && first.readUInt32LE() === zstd) yield* unzstd(source);
  else if (first.subarray(0, 3).toString('latin1') === 'BZh') yield* bunzip2(source);
  else throw new Error('the output sandbox is neither tar.zst nor tar.bz2');
}

async function* unzstd(source: Readable): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => void ready.push(chunk));
  for await (const chunk of source as AsyncIterable<Buffer>)
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      decoder.push(chunk.subarray(at, at + pieceBytes));
      yield* ready;
      ready = [];
    }
  decoder.push(new Uint8Array(0), true);
  yield* ready;
}

async function* bunzip2(source: Readable): AsyncGenerator<Uint8Array> {
  const program = spawn('bzip2', ['--decompress', '--stdout'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve, reject) => {
    program.once('error', (cause) => reject(new Error('the program bzip2 is missing here', { cause })));
    program.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error('the output sandbox is no whole tar.bz2')),
    );
  });
  // Awaited below; until then nobody may be told that nobody looks.
  ended.catch(() => {});
  try {
    const feeding = pipeline(source, program.stdin).catch(() => {});
    yield* program.stdout as AsyncIterable<Buffer>;
    await feeding;
    await ended;
  } finally {
    program.kill('SIGKILL');
  }
}

async function* limited(chunks: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > most) throw new Error(`the output sandbox is larger than ${most} bytes when unpacked`);
    yield chunk;
  }
}

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { mediaTypes, type BuiltLayer } from '#oci';
import { pieces } from './content-pool.js';
import type { PlannedEntry } from './image-plan.js';

/** Writes a planned layer as a gzip blob into a file; both its digests are found on the way. */
export async function writeLayer(
  path: string,
  entries: readonly PlannedEntry[],
  pool: Buffer,
  random: () => number,
): Promise<BuiltLayer> {
  const [tar, blob] = [createHash('sha256'), createHash('sha256')];
  let size = 0;
  const count = (chunk: Buffer): void => {
    size += chunk.length;
    blob.update(chunk);
  };
  await pipeline(
    Readable.from(blocks(entries, pool, random), { objectMode: false }),
    passing((chunk) => tar.update(chunk)),
    // Level 6 is what engines push with.
    createGzip({ level: 6, chunkSize: 256 * 1024 }),
    passing(count),
    createWriteStream(path),
  );
  return {
    blob: { path },
    digest: `sha256:${blob.digest('hex')}`,
    diffId: `sha256:${tar.digest('hex')}`,
    size,
    mediaType: mediaTypes.ociLayerGzip,
  };
}

function passing(see: (chunk: Buffer) => unknown): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      see(chunk);
      done(null, chunk);
    },
  });
}

/** The layer's tar (POSIX ustar), gathered to large chunks. */
function* blocks(entries: readonly PlannedEntry[], pool: Buffer, random: () => number): Generator<Buffer> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const parts = [header(entry), ...pieces(pool, entry.bytes, random), padding(entry.bytes)];
    for (const part of parts) {
      gathered.push(part);
      bytes += part.length;
      if (bytes < 1024 * 1024) continue;
      yield Buffer.concat(gathered, bytes);
      gathered = [];
      bytes = 0;
    }
  }
  yield Buffer.concat([...gathered, Buffer.alloc(1024)]);
}

const typeFlags = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const;

function header({ path, type, bytes, target = '' }: PlannedEntry): Buffer {
  const block = Buffer.alloc(512);
  const name = type === 'directory' ? `${path}/` : path;
  const cut = name.length <= 100 ? 0 : name.indexOf('/', name.length - 101) + 1;
  block.write(name.slice(cut), 0, 100);
  block.write(name.slice(0, Math.max(0, cut - 1)), 345, 155);
  const octal = (value: number, at: number, width: number) =>
    block.write(value.toString(8).padStart(width - 1, '0'), at, width - 1);
  octal(type === 'directory' ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(type === 'file' ? bytes : 0, 124, 12);
  octal(1_700_000_000, 136, 12);
  block.write(typeFlags[type], 156);
  block.write(target, 157, 100);
  block.write('ustar\u000000', 257);
  block.fill(' ', 148, 156);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  block[154] = 0;
  return block;
}

const padding = (bytes: number): Buffer => Buffer.alloc((512 - (bytes % 512)) % 512);

import { createReadStream } from 'node:fs';
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { corruptLayer, decompressionError, inflate, truncatedLayer, type ChunkSink } from './gunzip.js';

const READ_BYTES = 256 * 1024;

/** Node has zstd from 22.15 on. */
const native = (zlib as { createZstdDecompress?: (options: object) => Transform }).createZstdDecompress;

/** Hands on a zstd file's content: all its frames. By Node's own decoder where it has one, else by one in JavaScript. */
export async function unzstd(path: string, sink: ChunkSink): Promise<void> {
  if (native === undefined) return unzstdInScript(path, sink);
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  await inflate(file, native({ chunkSize: READ_BYTES }), sink);
}

/** For Node without zstd. The sink is called within the decoder, so that a bomb is stopped at its first block too many. */
export async function unzstdInScript(path: string, sink: ChunkSink): Promise<void> {
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  const decoder = new Decompress(sink);
  try {
    for await (const piece of file) decoder.push(piece as Buffer);
    decoder.push(new Uint8Array(0), true);
  } catch (error) {
    throw scriptError(error);
  } finally {
    file.destroy();
  }
}

/** fzstd's code for data that ends too early. */
const UNEXPECTED_END = 5;

function scriptError(error: unknown): Error {
  if (error instanceof Error && 'code' in error && typeof error.code === 'number') {
    return error.code === UNEXPECTED_END ? truncatedLayer() : corruptLayer(error.message);
  }
  return decompressionError(error);
}

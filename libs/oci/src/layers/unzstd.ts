import { createReadStream } from 'node:fs';
import { Decompress } from 'fzstd';
import { corruptLayer, decompressionError, truncatedLayer, type ChunkSink } from './gunzip.js';

const readBytes = 256 * 1024;

/**
 * Hands on a zstd file's content: all its frames. In JavaScript, as Node's own decoder (from 22.15 on) takes the first
 * frame for the whole, and layers for lazy pulling have thousands. The sink is called within the decoder, so that a
 * bomb is stopped at its first block too many.
 */
export async function unzstd(path: string, sink: ChunkSink): Promise<void> {
  const file = createReadStream(path, { highWaterMark: readBytes });
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
const unexpectedEnd = 5;

function scriptError(error: unknown): Error {
  if (error instanceof Error && 'code' in error && typeof error.code === 'number') {
    return error.code === unexpectedEnd ? truncatedLayer() : corruptLayer(error.message);
  }
  return decompressionError(error);
}

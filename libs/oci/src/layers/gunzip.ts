import { createReadStream, type ReadStream } from 'node:fs';
import type { Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError, permanent, temporary } from '#errors';
import { systemError } from './system-error.js';

const readBytes = 256 * 1024;
const chunkBytes = 256 * 1024;

/** Gets decompressed bytes in order; it may throw to stop. */
export type ChunkSink = (chunk: Uint8Array) => void;

/** Hands on a gzip file's content: all its members; zeros behind them count for nothing. */
export async function gunzip(path: string, sink: ChunkSink): Promise<void> {
  const file = createReadStream(path, { highWaterMark: readBytes });
  await inflate(file, createGunzip({ chunkSize: chunkBytes }), sink);
}

/** Hands on what a decoder makes of a file. */
async function inflate(file: ReadStream, decoder: Transform, sink: ChunkSink): Promise<void> {
  file.on('error', (error) => decoder.destroy(error));
  try {
    for await (const chunk of file.pipe(decoder)) sink(chunk as Buffer);
  } catch (error) {
    throw decompressionError(error);
  } finally {
    file.destroy();
    decoder.destroy();
  }
}

/** The error for a gzip stream that ends too early. */
export function truncatedLayer(): Error {
  return permanent('layer.truncated', 'the layer ends before its compressed data does');
}

/** The error for compressed data that is not what it claims. */
export function corruptLayer(detail: string): Error {
  return permanent('layer.corrupt', `the layer's compressed data is broken: ${detail}`);
}

/** What zlib throws as what it means; errors of the file are temporary. */
export function decompressionError(error: unknown): Error {
  if (error instanceof AppError) return error;
  const { code, message } = systemError(error);
  if (code === 'Z_BUF_ERROR') return truncatedLayer();
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) return corruptLayer(message);
  return temporary('layer.unreadable', `the layer's blob cannot be read: ${message}`, {
    cause: error,
  });
}

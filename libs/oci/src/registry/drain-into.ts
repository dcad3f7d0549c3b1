import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Takes a chunk; what it returns, if anything, is waited for before the next one. */
export type TakeChunk = (chunk: Buffer) => Promise<void> | undefined;

/**
 * Hands on all chunks of a stream, with a promise only where there is something to wait for: iterating over the stream
 * would cost several for each. Rejects with what the stream or `take` failed with, once nothing is under way any more.
 */
export async function drainInto(stream: Readable, take: TakeChunk): Promise<void> {
  let taking: Promise<void> | undefined;
  const fail = (error: unknown): void => void stream.destroy(error as Error);
  stream.on('data', (chunk: Buffer) => {
    try {
      taking = take(chunk);
    } catch (error) {
      return fail(error);
    }
    if (taking === undefined) return;
    stream.pause();
    taking.then(() => stream.resume(), fail);
  });
  try {
    await finished(stream, { writable: false });
  } finally {
    await taking?.catch(() => undefined);
  }
}

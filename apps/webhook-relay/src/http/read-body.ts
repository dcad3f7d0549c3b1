import type { IncomingMessage } from 'node:http';
import type { ByteBudget } from '../domain/byte-budget.js';

/** The bytes, held until `release`; or why there are none. `aborted`: the sender went away, nobody is answered. */
export type Body =
  | { readonly bytes: Buffer; readonly release: () => void }
  | { readonly failed: 'too_large' | 'no_room' | 'aborted' };

/**
 * The body as it comes, up to `limit` bytes: what is declared larger is not read at all, what turns out larger is not
 * kept. `release` gives its memory back to the budget.
 */
export function readBody(request: IncomingMessage, limit: number, budget: ByteBudget): Promise<Body> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limit) return Promise.resolve({ failed: 'too_large' });
  if (!budget.reserve(declared)) return Promise.resolve({ failed: 'no_room' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let reserved = declared;
    let length = 0;
    const stop = (failed: 'too_large' | 'no_room' | 'aborted'): void => {
      detach();
      budget.release(reserved);
      // The rest is thrown away as it comes, so that the sender gets to read the answer; the server’s time-out ends it.
      request.resume();
      resolve({ failed });
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limit) return stop('too_large');
      if (length > reserved) {
        if (!budget.reserve(length - reserved)) return stop('no_room');
        reserved = length;
      }
      chunks.push(chunk);
    };
    const onEnd = (): void => {
      detach();
      const [first = Buffer.alloc(0)] = chunks;
      const bytes = chunks.length < 2 ? first : Buffer.concat(chunks, length);
      resolve({ bytes, release: () => budget.release(reserved) });
    };
    const onLost = (): void => stop('aborted');
    const detach = (): void => {
      request.off('data', onData).off('end', onEnd).off('error', onLost).off('close', onLost);
      // Late errors of a connection that broke are nobody’s.
      request.on('error', () => undefined);
    };
    request.on('data', onData).on('end', onEnd).on('error', onLost).on('close', onLost);
  });
}

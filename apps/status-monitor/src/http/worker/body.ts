import type { Readable } from 'node:stream';
import { temporary } from '#errors';

/** Memory for bodies that are on their way: who comes when it is taken comes again later. */
export class BodyRoom {
  private taken = 0;

  constructor(private readonly most: number) {}

  /**
   * The whole body of a call. Heard as it comes: an iterator over it costs more than a small body itself.
   *
   * @returns undefined where it is larger than allowed: what is left of it is then still to be read
   * @throws temporary `worker.busy`, `worker.slow`, `worker.cut_off`
   */
  read(body: Readable, mostBytes: number, withinMs: number): Promise<Buffer | undefined> {
    if (body.readableEnded) return Promise.resolve(Buffer.alloc(0));
    if (body.destroyed) return Promise.reject(cutOff());
    return new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      let size = 0;
      const stop = (): void => {
        body.off('data', come).off('end', end).off('error', fail).off('close', close);
        clearTimeout(timer);
        this.taken -= size;
      };
      const come = (piece: Buffer): void => {
        size += piece.length;
        this.taken += piece.length;
        pieces.push(piece);
        const isTooLarge = size > mostBytes;
        if (!isTooLarge && this.taken <= this.most) return;
        // What is not taken is answered before the connection goes.
        body.pause();
        if (!isTooLarge) return fail(temporary('worker.busy', 'too many bodies are on their way'));
        stop();
        resolve(undefined);
      };
      const end = (): void => {
        stop();
        resolve(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, size));
      };
      const fail = (error: Error): void => {
        stop();
        reject(error);
      };
      const close = (): void => fail(cutOff());
      const timer = setTimeout(() => {
        fail(temporary('worker.slow', 'the body did not arrive in time'));
        body.destroy();
      }, withinMs);
      body.on('data', come).on('end', end).on('error', fail).on('close', close);
    });
  }
}

const cutOff = (): Error => temporary('worker.cut_off', 'the call was cut off before its body was whole');

const mostThrownAway = 32 * 2 ** 20;

/**
 * Throws away what nobody has read of a body, so that its sender sees the answer: one that is still sending when the
 * connection is closed often does not. Not for ever, and not any amount.
 */
export async function throwAway(body: Readable, withinMs = 5_000): Promise<void> {
  if (body.readableEnded || body.destroyed) return;
  let size = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    for (const event of ['end', 'close', 'error']) body.once(event, done);
    body.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > mostThrownAway) done();
    });
    body.resume();
  });
}

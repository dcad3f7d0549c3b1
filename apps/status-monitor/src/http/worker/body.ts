import type { Readable } from 'node:stream';
import { temporary } from '#errors';

/** Memory for bodies that are on their way: who comes when it is taken comes again later. */
export class BodyRoom {
  private taken = 0;

  constructor(private readonly most: number) {}

  /**
   * The whole body of a call.
   *
   * @returns undefined where it is larger than allowed
   * @throws temporary `worker.busy`, `worker.slow`
   */
  async read(body: Readable, mostBytes: number, withinMs: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(
      () => body.destroy(temporary('worker.slow', 'the body did not arrive in time')),
      withinMs,
    );
    try {
      // What is too large is answered before the connection goes.
      const arriving = body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
      for await (const piece of arriving) {
        size += piece.length;
        this.taken += piece.length;
        if (size > mostBytes) return undefined;
        if (this.taken > this.most) throw temporary('worker.busy', 'too many bodies are on their way');
        pieces.push(piece);
      }
      return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, size);
    } finally {
      clearTimeout(timer);
      this.taken -= size;
    }
  }
}

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

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
      for await (const piece of body as AsyncIterable<Buffer>) {
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

import type { ByteWindow } from '../tar/byte-source.js';

/** A ring's reading side, as far as its window needs it. */
export interface RingSource {
  /** Gives room back to the writer. */
  release(count: number): void;
  /** Bytes in the ring, once they are more than `known`; 0 when no more come. */
  waitForMore(known: number): number;
}

/** Bytes are given back in pieces of this size, so that the writer goes on while others are read. */
const releaseBytes = 256 * 1024;
/** Large enough that most files are written by one call, and small enough that nobody waits long for it to be there. */
const reachBytes = 512 * 1024;

/** The ring's own memory as the parser's window: nothing is copied on the way from the decoder to the file. */
export class RingWindow implements ByteWindow {
  start = 0;
  /** What is known to be there, contiguous with `start`, ends here. */
  private end = 0;
  /** What is before was given back. */
  private released = 0;

  constructor(
    private readonly source: RingSource,
    readonly buffer: Buffer,
  ) {}

  get available(): number {
    return this.end - this.start;
  }

  get reach(): number {
    this.turn();
    return Math.min(reachBytes, this.buffer.length - this.start);
  }

  ensure(count: number): boolean {
    this.turn();
    if (count > this.buffer.length - this.start)
      throw new Error('a block of the tar lies across the ring’s end');
    if (this.start - this.released >= releaseBytes) this.release();
    while (this.end - this.start < count) {
      if (!this.more()) return false;
    }
    return true;
  }

  ensureSome(): boolean {
    return this.ensure(1);
  }

  private more(): boolean {
    this.release();
    const there = this.source.waitForMore(this.end - this.start);
    if (there === 0) return false;
    this.end = Math.min(this.buffer.length, this.start + there);
    return true;
  }

  /** From the ring's end to its beginning. */
  private turn(): void {
    if (this.start < this.buffer.length) return;
    this.release();
    this.start = 0;
    this.end = 0;
    this.released = 0;
  }

  private release(): void {
    if (this.start > this.released) this.source.release(this.start - this.released);
    this.released = this.start;
  }
}

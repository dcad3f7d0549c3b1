import type { ByteSource } from './byte-source.js';

/** Large enough that most files of an image are written by one call, small enough to stay in the processor's cache. */
const WINDOW_BYTES = 512 * 1024;

/** A window on a source: bytes that must be seen together are made contiguous, all others are handed on as they come. */
export class ByteWindow {
  readonly buffer = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  /** Where the bytes not yet taken begin in `buffer`. */
  start = 0;
  private end = 0;
  private ended = false;

  constructor(private readonly source: ByteSource) {}

  /** Bytes at hand from `start` on. */
  get available(): number {
    return this.end - this.start;
  }

  /** Makes `count` bytes (at most the window) contiguous; false when the stream ends before. */
  ensure(count: number): boolean {
    while (this.end - this.start < count) {
      if (!this.readMore(count)) return false;
    }
    return true;
  }

  /** Makes at least one byte available; false at the end of the stream. */
  ensureSome(): boolean {
    return this.ensure(1);
  }

  /** How much of the window can be made contiguous at most. */
  get capacity(): number {
    return this.buffer.length;
  }

  private readMore(count: number): boolean {
    if (this.ended) return false;
    if (this.start === this.end) {
      this.start = 0;
      this.end = 0;
    } else if (this.start + count > this.buffer.length) {
      this.buffer.copyWithin(0, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
    }
    const read = this.source.read(this.buffer, this.end, this.buffer.length - this.end);
    if (read === 0) this.ended = true;
    this.end += read;
    return read > 0;
  }
}

import type { ByteSource, ByteWindow } from './byte-source.js';

/** Large enough that most files of an image are written by one call, small enough to stay in the processor's cache. */
const windowBytes = 512 * 1024;

/** A window that bytes are copied into: those that must be seen together are made contiguous. */
export class CopyWindow implements ByteWindow {
  readonly buffer = Buffer.allocUnsafeSlow(windowBytes);
  start = 0;
  private end = 0;
  private ended = false;

  constructor(private readonly source: ByteSource) {}

  get available(): number {
    return this.end - this.start;
  }

  ensure(count: number): boolean {
    while (this.end - this.start < count) {
      if (!this.readMore(count)) return false;
    }
    return true;
  }

  ensureSome(): boolean {
    return this.ensure(1);
  }

  get reach(): number {
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

/** Bytes in order, read synchronously: the parser runs in a worker thread where waiting costs nobody else. */
export interface ByteSource {
  /** Puts up to `length` bytes into `into` at `offset`. Returns how many; 0 means the end. Throws AppErrors. */
  read(into: Buffer, offset: number, length: number): number;
  /** A window straight onto the bytes, where they are in memory already; without it they are copied into one. */
  openWindow?(): ByteWindow;
}

/** Bytes of a source that can be looked at together. */
export interface ByteWindow {
  readonly buffer: Buffer;
  /** Where the bytes not yet taken begin in `buffer`: who takes some moves it on. */
  start: number;
  /** Bytes at hand from `start` on. */
  readonly available: number;
  /** How many bytes from `start` on can be made contiguous at most; never cuts a block that begins at a block's place. */
  readonly reach: number;
  /** Makes `count` bytes (at most `reach`) contiguous; false when the stream ends before. */
  ensure(count: number): boolean;
  /** Makes at least one byte available; false at the end of the stream. */
  ensureSome(): boolean;
}

/** A source over bytes in memory; `step` bounds each read, to try a parser on every way a stream can be cut. */
export function bytesOf(bytes: Buffer, step = Number.MAX_SAFE_INTEGER): ByteSource {
  let position = 0;
  return {
    read(into, offset, length) {
      const end = Math.min(bytes.length, position + Math.min(length, step));
      const copied = bytes.copy(into, offset, position, end);
      position += copied;
      return copied;
    },
  };
}

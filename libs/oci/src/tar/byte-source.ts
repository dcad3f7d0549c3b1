/** Bytes in order, read synchronously: the parser runs in a worker thread where waiting costs nobody else. */
export interface ByteSource {
  /** Puts up to `length` bytes into `into` at `offset`. Returns how many; 0 means the end. Throws AppErrors. */
  read(into: Buffer, offset: number, length: number): number;
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

import { permanent } from '#errors';
import type { ByteSource, ByteWindow } from '../tar/byte-source.js';
import { RingWindow } from './ring-window.js';

/** Fields of the control words. */
const WRITTEN = 0;
const ENDED = 1;
const READER_BELL = 2;
const WRITER_BELL = 3;
const STOPPED = 4;
/** What each reader has read: one field for each. */
const READ = 5;

/** Memory that two threads share: a ring of bytes and the words that say what is in it. */
export interface RingMemory {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

/** A ring of `size` bytes, a power of two, for so many readers: each of them reads all bytes. */
export function ringMemory(size: number, readers = 1): RingMemory {
  return {
    control: new Int32Array(new SharedArrayBuffer((READ + readers) * 4)),
    bytes: new Uint8Array(new SharedArrayBuffer(size)),
  };
}

/** Makes both sides stop waiting: what they do next throws. */
export function stopRing({ control }: RingMemory): void {
  Atomics.store(control, STOPPED, 1);
  ring(control, READER_BELL);
  ring(control, WRITER_BELL);
}

/** The writing side: decompression. Waits, blocking its thread, while the ring is full. */
export class RingWriter {
  private readonly bytes: Buffer;

  constructor(private readonly memory: RingMemory) {
    this.bytes = Buffer.from(memory.bytes.buffer);
  }

  /** Lets `fill` put bytes straight into the ring: it gets the free piece and returns how much it used, 0 for none. */
  fill(fill: (piece: Buffer) => number): number {
    const { control } = this.memory;
    const start = this.waitForSpace();
    const used = fill(this.bytes.subarray(start.offset, start.offset + start.length));
    Atomics.add(control, WRITTEN, used);
    ring(control, READER_BELL);
    return used;
  }

  /** Puts all of `chunk` in. */
  write(chunk: Uint8Array): void {
    let done = 0;
    while (done < chunk.length) {
      done += this.fill((piece) => {
        const part = chunk.subarray(done, done + piece.length);
        piece.set(part);
        return part.length;
      });
    }
  }

  /** Throws `layer.stopped` once nobody reads any more. */
  verifyWanted(): void {
    verifyRunning(this.memory.control);
  }

  /** No more bytes come for this layer; `failed` when that is not its true end. */
  end(failed = false): void {
    Atomics.store(this.memory.control, ENDED, failed ? 2 : 1);
    ring(this.memory.control, READER_BELL);
  }

  private waitForSpace(): { offset: number; length: number } {
    const { control } = this.memory;
    const size = this.bytes.length;
    for (;;) {
      const bell = Atomics.load(control, WRITER_BELL);
      verifyRunning(control);
      const written = Atomics.load(control, WRITTEN);
      // Counters wrap around at 2^32: their difference does not mind.
      let free = size;
      for (let read = READ; read < control.length; read++) {
        free = Math.min(free, size - ((written - Atomics.load(control, read)) | 0));
      }
      if (free > 0) {
        const offset = (written >>> 0) % size;
        return { offset, length: Math.min(free, size - offset) };
      }
      Atomics.wait(control, WRITER_BELL, bell);
    }
  }
}

/** A reading side: the parser. Waits, blocking its thread, while the ring is empty and its end not reached. */
export class RingReader implements ByteSource {
  private readonly bytes: Buffer;
  /** The control word that says what this one has read. */
  private readonly own: number;

  /** `reader`: which of the ring's, from 0. */
  constructor(
    private readonly memory: RingMemory,
    reader = 0,
  ) {
    this.bytes = Buffer.from(memory.bytes.buffer);
    this.own = READ + reader;
  }

  /** Makes ready for the next layer; the writer must have ended and all be read by every reader. */
  static reset({ control }: RingMemory): void {
    // From the ring's beginning, so that none of a tar's blocks is cut by its end.
    Atomics.store(control, WRITTEN, 0);
    control.fill(0, READ);
    Atomics.store(control, ENDED, 0);
  }

  read(into: Buffer, offset: number, length: number): number {
    return this.take(length, (piece) => piece.copy(into, offset));
  }

  /** Hands on the next bytes where they are, at most so many, and gives their room back; 0 at the end. */
  take(length: number, look: (piece: Buffer) => void): number {
    const available = this.waitForMore(0);
    if (available === 0) return 0;
    const size = this.bytes.length;
    const start = (Atomics.load(this.memory.control, this.own) >>> 0) % size;
    const count = Math.min(available, length, size - start);
    look(this.bytes.subarray(start, start + count));
    this.release(count);
    return count;
  }

  openWindow(): ByteWindow {
    return new RingWindow(this, this.bytes);
  }

  /** Gives room back to the writer. */
  release(count: number): void {
    Atomics.add(this.memory.control, this.own, count);
    ring(this.memory.control, WRITER_BELL);
  }

  /** Bytes in the ring, once they are more than `known`; 0 when no more come. */
  waitForMore(known: number): number {
    const { control } = this.memory;
    for (;;) {
      const bell = Atomics.load(control, READER_BELL);
      verifyRunning(control);
      const ended = Atomics.load(control, ENDED);
      const available = (Atomics.load(control, WRITTEN) - Atomics.load(control, this.own)) | 0;
      if (available > known) return available;
      if (ended === 2) throw readingStopped();
      if (ended === 1) return 0;
      Atomics.wait(control, READER_BELL, bell);
    }
  }
}

function ring(control: Int32Array<SharedArrayBuffer>, bell: number): void {
  Atomics.add(control, bell, 1);
  Atomics.notify(control, bell);
}

/** Throws `layer.stopped` once the ring was stopped. */
export function throwIfStopped({ control }: RingMemory): void {
  verifyRunning(control);
}

function verifyRunning(control: Int32Array<SharedArrayBuffer>): void {
  if (Atomics.load(control, STOPPED) !== 0) throw readingStopped();
}

/** Code of the error that says no more than: the other side failed, ask there. */
export const stoppedCode = 'layer.stopped';

/** The error of a side whose other side stopped. */
export function readingStopped(): Error {
  return permanent(stoppedCode, 'reading the layer was stopped');
}

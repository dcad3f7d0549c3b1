import { readSync } from 'node:fs';
import { temporary } from '#errors';

/** What who writes a file tells other threads that read it meanwhile: a bell, and how it stands with the file. */
export type Growth = Int32Array<SharedArrayBuffer>;

const BELL = 0;
const STATE = 1;
const FIELDS = 2;

const GROWING = 0;
const WHOLE = 1;
const SPOILT = 2;

/** For a file that is about to be written. */
export function newGrowth(): Growth {
  return new Int32Array(new SharedArrayBuffer(FIELDS * Int32Array.BYTES_PER_ELEMENT));
}

/** Wakes who waits for more, to look again. */
export function ringGrowth(growth: Growth): void {
  Atomics.add(growth, BELL, 1);
  Atomics.notify(growth, BELL);
}

/** The file is whole and verified: its end is the end. Of a spoilt one that says nothing. */
export function endGrowth(growth: Growth): void {
  Atomics.compareExchange(growth, STATE, GROWING, WHOLE);
  ringGrowth(growth);
}

/** What was read so far counts for nothing: the file is begun anew, or given up. To be called before it is changed. */
export function spoilGrowth(growth: Growth): void {
  Atomics.compareExchange(growth, STATE, GROWING, SPOILT);
  ringGrowth(growth);
}

/** Whether what was read of the file so far counts for nothing. */
export const isSpoilt = (growth: Growth): boolean => Atomics.load(growth, STATE) === SPOILT;

/** Code of the error that says: what was read of this blob counts for nothing. */
export const blobSpoiltCode = 'layer.blob_spoilt';

/** The error of who read from a blob that was then begun anew. */
export function blobSpoilt(): Error {
  return temporary(blobSpoiltCode, 'the blob was begun anew while it was read');
}

/**
 * Reads the next bytes of a file that grows, and blocks the thread until there are some; 0 once the file is whole and
 * at its end. `verifyWanted` throws to end the waiting: it is called whenever the bell rings. Throws
 * `layer.blob_spoilt`.
 */
export function readGrowing(fd: number, into: Buffer, growth: Growth, verifyWanted: () => void): number {
  for (;;) {
    // Both before the read: what is written after it rings again, and an end seen before it is the end.
    const bell = Atomics.load(growth, BELL);
    const state = Atomics.load(growth, STATE);
    if (state === SPOILT) throw blobSpoilt();
    const read = readSync(fd, into, 0, into.length, null);
    if (read > 0 || state === WHOLE) return read;
    verifyWanted();
    Atomics.wait(growth, BELL, bell);
  }
}

import { ringMemory, type RingMemory } from '../layers/shared-ring.js';

/** Paths that wait to be linked: some hundreds, so that neither thread waits for the other. */
const ringBytes = 256 * 1024;

/** Words of `state`: links tried, links that failed, and which: their numbers in the order they were asked for. */
export const TRIED = 0;
/** Word of `state`: how many links failed, those beyond `mostFailures` counted too. */
export const FAILED = 1;
/** Word of `state` from which on the numbers of those that failed stand. */
export const FAILURES = 2;
/** Failures that are told one by one; with more, the older tree is not what it was said to be. */
export const mostFailures = 1000;

/** What the thread that writes and the one that makes links share. */
export interface LinkMemory {
  /** Records: the lengths of two paths, then their bytes. */
  readonly ring: RingMemory;
  readonly state: Int32Array<SharedArrayBuffer>;
}

/** Bytes before a record's paths: their lengths, each 16 bits. */
export const recordHead = 4;

/** Memory that a thread and those who make links for it share. */
export function linkMemory(): LinkMemory {
  const state = new Int32Array(new SharedArrayBuffer((FAILURES + mostFailures) * 4));
  return { ring: ringMemory(ringBytes), state };
}

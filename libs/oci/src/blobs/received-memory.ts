import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes that may be received before their memory is taken back. */
const collectBytes = 8 * 1024 * 1024;

type Collect = (options: { readonly type: 'minor' }) => void;

/**
 * Gives memory of received chunks back as they come. Each chunk is garbage soon, but lies outside the heap: V8 sees few
 * young objects, lets them be, and for each 64 MB of what hangs on them marks the whole heap instead. A collection of the
 * young ones alone takes a millisecond.
 */
export class ReceivedMemory {
  private bytes = 0;

  constructor(private readonly collect: Collect | undefined = minorCollection()) {}

  /** So many bytes came, and those before them are done with. */
  count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes < collectBytes) return;
    this.bytes = 0;
    this.collect?.({ type: 'minor' });
  }
}

/** V8's own collection, which a program gets only by asking with a flag; nothing where there is none. */
function minorCollection(): Collect | undefined {
  setFlagsFromString('--expose-gc');
  try {
    const found: unknown = runInNewContext('globalThis.gc');
    return typeof found === 'function' ? (found as Collect) : undefined;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}

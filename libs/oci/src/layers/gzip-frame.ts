import { corruptLayer } from './gunzip.js';

const HEADER_CHECK = 0x02;
const EXTRA = 0x04;
const NAME = 0x08;
const COMMENT = 0x10;
const RESERVED = 0xe0;

/** What comes next: a byte; the compressed data; a byte of another member, or the end; nothing that counts. */
type Wants = 'byte' | 'data' | 'member' | 'nothing';

/** What stands around the compressed data of a gzip file's members (RFC 1952). */
export class GzipFrame {
  private readonly parser = members();
  private wants: Wants = this.parser.next().value;

  /** Whether a member's compressed data is what comes next. */
  get isData(): boolean {
    return this.wants === 'data';
  }

  /** Whether the file may end here. */
  get mayEnd(): boolean {
    return this.wants === 'member' || this.wants === 'nothing';
  }

  /** Takes all bytes before the next member's data; returns those from there on. Throws `layer.corrupt`. */
  take(input: Uint8Array): Uint8Array {
    let at = 0;
    while ((this.wants === 'byte' || this.wants === 'member') && at < input.length) {
      this.wants = this.parser.next(input[at++] ?? 0).value;
    }
    return input.subarray(this.wants === 'nothing' ? input.length : at);
  }

  /** A member's data is over; it was so many bytes. */
  endData(length: number): void {
    this.wants = this.parser.next(length).value;
  }
}

function* members(): Generator<Wants, never, number> {
  for (let first = true; ; first = false) {
    const magic = yield first ? 'byte' : 'member';
    // Zeros behind the members count for nothing.
    if (magic === 0 && !first) for (;;) yield 'nothing';
    if (magic !== 0x1f || (yield 'byte') !== 0x8b) throw corruptLayer('incorrect header check');
    if ((yield 'byte') !== 8) throw corruptLayer('unknown compression method');
    yield* restOfHeader(yield 'byte');
    const length = yield 'data';
    // The checksum.
    yield* number(4);
    if ((yield* number(4)) !== length >>> 0) throw corruptLayer('incorrect length check');
  }
}

function* restOfHeader(flags: number): Generator<Wants, void, number> {
  if ((flags & RESERVED) !== 0) throw corruptLayer('unknown header flags set');
  // Time, extra flags and operating system.
  yield* number(6);
  if ((flags & EXTRA) !== 0) yield* number(yield* number(2));
  for (const text of [NAME, COMMENT]) {
    if ((flags & text) !== 0) while ((yield 'byte') !== 0);
  }
  if ((flags & HEADER_CHECK) !== 0) yield* number(2);
}

/** So many bytes; the last four at most as a number, the lowest first. */
function* number(bytes: number): Generator<Wants, number, number> {
  let value = 0;
  for (let at = 0; at < bytes; at++) value |= (yield 'byte') << (8 * at);
  return value >>> 0;
}

import { types } from 'node:util';
import { constants, createGunzip, createInflateRaw, gzipSync, type Gunzip, type InflateRaw } from 'node:zlib';
import { GzipFrame } from './gzip-frame.js';
import { corruptLayer, decompressionError, truncatedLayer } from './gunzip.js';

/** What lies beneath Node's zlib streams: one call that takes from one piece of memory and puts into another. */
interface ZlibBinding {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
  reset(): void;
}

interface Internals {
  readonly _handle: ZlibBinding;
  /** After a call: room left in the output, bytes left in the input. */
  readonly _writeState: Uint32Array;
}

const nothing = Buffer.alloc(0);

/** Decompresses by synchronous calls, straight into memory of the caller's. */
export interface SyncGunzip {
  /** Gives it the next input, which stays as it is until `inflate` returned less than it had room for. */
  feed(input: Uint8Array): void;
  /** Says that all input was given. */
  end(): void;
  /** Bytes that it put into `output`; fewer than fit mean that it wants more input. Throws `layer.*`. */
  inflate(output: Uint8Array): number;
  close(): void;
}

/**
 * Zlib by synchronous calls, straight into the reader's memory. Node's streams would give each piece memory of its
 * own and a thread to fill it, and a program's pipe copies everything twice: both cost a quarter more processor time.
 * It uses what Node does not document, so `isDirectGunzipUsable` must have said yes.
 */
class DirectZlib implements SyncGunzip {
  private readonly internals: Internals;
  private input: Uint8Array = nothing;
  private at = 0;
  private left = 0;
  private flush: number = constants.Z_NO_FLUSH;

  constructor(private readonly stream: (Gunzip | InflateRaw) & Partial<Internals>) {
    this.internals = internalsOf(stream);
    // Told by `errored`; an event that nobody hears would end the process.
    stream.on('error', () => undefined);
  }

  /** Input that it has not taken. */
  get rest(): Uint8Array {
    return this.input.subarray(this.at, this.at + this.left);
  }

  feed(input: Uint8Array): void {
    this.input = input;
    this.at = 0;
    this.left = input.length;
  }

  end(): void {
    this.feed(nothing);
    this.flush = constants.Z_FINISH;
  }

  inflate(output: Uint8Array): number {
    const { _handle: binding, _writeState: state } = this.internals;
    binding.writeSync(this.flush, this.input, this.at, this.left, output, 0, output.length);
    const error = this.stream.errored;
    if (error) throw decompressionError(error);
    const [roomLeft = 0, inputLeft = 0] = state;
    this.at += this.left - inputLeft;
    this.left = inputLeft;
    return output.length - roomLeft;
  }

  /** Makes ready for other data. */
  reset(): void {
    this.internals._handle.reset();
  }

  close(): void {
    this.stream.destroy();
  }
}

/**
 * Gunzip that leaves gzip's own checksum alone, an eighth of the time that inflating takes: for data whose digest is
 * verified, so that the checksum says nothing more. Lengths are compared.
 */
class UncheckedGunzip implements SyncGunzip {
  private readonly raw = new DirectZlib(createInflateRaw());
  private readonly frame = new GzipFrame();
  private isEnded = false;
  /** Bytes of the current member so far. */
  private made = 0;

  feed(input: Uint8Array): void {
    this.raw.feed(input);
  }

  end(): void {
    this.raw.feed(nothing);
    this.isEnded = true;
  }

  inflate(output: Uint8Array): number {
    const { raw, frame } = this;
    let filled = 0;
    for (;;) {
      if (!frame.isData) raw.feed(frame.take(raw.rest));
      if (frame.isData) filled += this.inflateMember(output.subarray(filled));
      if (filled === output.length) return filled;
      if (raw.rest.length > 0) continue;
      if (this.isEnded && !frame.mayEnd) throw truncatedLayer();
      return filled;
    }
  }

  close(): void {
    this.raw.close();
  }

  private inflateMember(output: Uint8Array): number {
    const made = this.raw.inflate(output);
    this.made += made;
    // With room for more, input is left only behind the member's end.
    if (made < output.length && this.raw.rest.length > 0) {
      this.frame.endData(this.made);
      this.raw.reset();
      this.made = 0;
    }
    return made;
  }
}

/** Gunzip by synchronous calls; `isChecked`: by gzip's own checksum. `isDirectGunzipUsable` must have said yes. */
export function directGunzip(isChecked: boolean): SyncGunzip {
  return isChecked ? new DirectZlib(createGunzip()) : new UncheckedGunzip();
}

function internalsOf({ _handle, _writeState }: Partial<Internals>): Internals {
  if (typeof _handle?.writeSync !== 'function' || !types.isUint32Array(_writeState)) {
    throw corruptLayer('this Node offers no direct way to its zlib');
  }
  return { _handle, _writeState };
}

let usable: boolean | undefined;

/** Whether this Node's zlib can be called so: tried once, on data that is whole and on data that is cut. */
export function isDirectGunzipUsable(): boolean {
  usable ??= [true, false].every((isChecked) => {
    const isRight = tries(sample, isChecked) === text;
    return isRight && tries(sample.subarray(0, -1), isChecked) === 'layer.truncated';
  });
  return usable;
}

const text = 'two members, '.repeat(20);
const sample = Buffer.concat([gzipSync(text.slice(0, 100)), gzipSync(text.slice(100))]);

function tries(sample: Buffer, isChecked: boolean): string {
  let text = '';
  try {
    const gunzip = directGunzip(isChecked);
    const output = Buffer.alloc(30);
    const take = (): void => {
      for (let got = output.length; got === output.length;) {
        got = gunzip.inflate(output);
        text += output.toString('latin1', 0, got);
      }
    };
    gunzip.feed(sample);
    take();
    gunzip.end();
    take();
    gunzip.close();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'failed';
  }
  return text;
}

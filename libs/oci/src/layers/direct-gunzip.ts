import { types } from 'node:util';
import { constants, createGunzip, gzipSync, type Gunzip } from 'node:zlib';
import { corruptLayer, decompressionError } from './gunzip.js';

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
}

interface Internals {
  readonly _handle: ZlibBinding;
  /** After a call: room left in the output, bytes left in the input. */
  readonly _writeState: Uint32Array;
}

const NOTHING = Buffer.alloc(0);

/**
 * Gunzip by synchronous calls, straight into the reader's memory. Node's streams would give each piece memory of its
 * own and a thread to fill it, and a program's pipe copies everything twice: both cost a quarter more processor time.
 * It uses what Node does not document, so `isUsable` must have said yes.
 */
export class DirectGunzip {
  private readonly stream: Gunzip & Partial<Internals> = createGunzip();
  private readonly internals = internalsOf(this.stream);
  private input: Uint8Array = NOTHING;
  private at = 0;
  private left = 0;
  private flush: number = constants.Z_NO_FLUSH;

  constructor() {
    // Told by `errored`; an event that nobody hears would end the process.
    this.stream.on('error', () => undefined);
  }

  /** Gives it the next input, which stays as it is until `inflate` returned less than it had room for. */
  feed(input: Uint8Array): void {
    this.input = input;
    this.at = 0;
    this.left = input.length;
  }

  /** Says that all input was given. */
  end(): void {
    this.feed(NOTHING);
    this.flush = constants.Z_FINISH;
  }

  /** Bytes that it put into `output`; fewer than fit mean that it wants more input. Throws `layer.*`. */
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

  close(): void {
    this.stream.destroy();
  }
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
  usable ??= tries(SAMPLE) === TEXT && tries(SAMPLE.subarray(0, -1)) === 'layer.truncated';
  return usable;
}

const TEXT = 'two members, '.repeat(20);
const SAMPLE = Buffer.concat([gzipSync(TEXT.slice(0, 100)), gzipSync(TEXT.slice(100))]);

function tries(sample: Buffer): string {
  let text = '';
  try {
    const gunzip = new DirectGunzip();
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

import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { permanent } from '#errors';
import { readGrowing, type Growth } from '../blobs/growth.js';
import { layerFormat, type LayerFormat } from './layer-format.js';
import { DirectGunzip, isDirectGunzipUsable } from './direct-gunzip.js';
import { decompressionError, gunzip } from './gunzip.js';
import type { RingWriter } from './shared-ring.js';
import { unzstd } from './unzstd.js';

/** One layer to be made tar bytes. */
export interface DecompressJob {
  readonly path: string;
  readonly format: LayerFormat;
  /** An open pipe from which the bytes come decompressed already; closed by whoever opened it. */
  readonly pipe?: number;
  /** Of a blob that is still being written; see `isReadableWhileGrowing`. */
  readonly growth?: Growth;
  /** Uncompressed bytes beyond which the layer is a bomb. */
  readonly maxBytes: number;
}

export interface DecompressResult {
  /** Digest of the uncompressed bytes, `sha256:<hex>`. */
  readonly diffId: string;
  readonly bytes: number;
}

/** Whether the blob that begins so can be decompressed while more of it comes. */
export async function isReadableWhileGrowing(path: string): Promise<boolean> {
  // What cannot be read is told by who reads it once it is whole and verified.
  const format = await layerFormat(path).then(
    (found) => found.format,
    () => undefined,
  );
  return format === 'tar' || (format === 'gzip' && isDirectGunzipUsable());
}

/** Decompresses a layer into the ring. Throws `layer.truncated`, `layer.corrupt`, `layer.compression_ratio`, `layer.blob_spoilt`. */
export async function decompress(job: DecompressJob, ring: RingWriter): Promise<DecompressResult> {
  const meter = new Meter(job.maxBytes);
  if (job.pipe !== undefined) {
    pump(readerOf(job.pipe), ring, meter);
  } else if (job.format === 'tar') {
    const fd = openSync(job.path, 'r');
    try {
      pump(readerOf(fd, job.growth, ring), ring, meter);
    } finally {
      closeSync(fd);
    }
  } else if (job.format === 'gzip' && isDirectGunzipUsable()) {
    gunzipInto(job, ring, meter);
  } else {
    const decoder = job.format === 'gzip' ? gunzip : unzstd;
    await decoder(job.path, (chunk) => {
      meter.count(chunk);
      ring.write(chunk);
    });
  }
  return { diffId: meter.digest(), bytes: meter.bytes };
}

/** Pieces small enough that the parser starts while more is coming. */
const PIECE_BYTES = 256 * 1024;

/** Puts the next bytes into a piece of memory; 0 at the end. */
type Read = (into: Buffer) => number;

function readerOf(fd: number, growth?: Growth, ring?: RingWriter): Read {
  return (into) => {
    try {
      if (growth === undefined) return readSync(fd, into, 0, into.length, null);
      return readGrowing(fd, into, growth, () => ring?.verifyWanted());
    } catch (error) {
      throw decompressionError(error);
    }
  };
}

function pump(readNext: Read, ring: RingWriter, meter: Meter): void {
  let read: number;
  do {
    read = ring.fill((piece) => {
      const count = readNext(piece.subarray(0, PIECE_BYTES));
      meter.count(piece.subarray(0, count));
      return count;
    });
  } while (read > 0);
}

/** Compressed bytes that are read at once. */
const READ_BYTES = 128 * 1024;

/** Straight from the file into the ring, with nothing in between. */
function gunzipInto({ path, growth }: DecompressJob, ring: RingWriter, meter: Meter): void {
  const gunzip = new DirectGunzip();
  const input = Buffer.allocUnsafeSlow(READ_BYTES);
  const fd = openSync(path, 'r');
  const readNext = readerOf(fd, growth, ring);
  /** False when it wants more input. */
  const inflate = (): boolean => {
    let isFull = false;
    ring.fill((piece) => {
      const output = piece.subarray(0, PIECE_BYTES);
      const made = gunzip.inflate(output);
      meter.count(output.subarray(0, made));
      isFull = made === output.length;
      return made;
    });
    return isFull;
  };
  try {
    for (let read = -1; read !== 0;) {
      read = readNext(input);
      if (read > 0) gunzip.feed(input.subarray(0, read));
      else gunzip.end();
      let more = inflate();
      while (more) more = inflate();
    }
  } finally {
    closeSync(fd);
    gunzip.close();
  }
}

class Meter {
  bytes = 0;
  private readonly hash: Hash = createHash('sha256');

  constructor(private readonly maxBytes: number) {}

  count(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (this.bytes > this.maxBytes) {
      throw permanent(
        'layer.compression_ratio',
        `the layer decompresses to more than ${this.maxBytes} bytes, which its blob's size does not warrant`,
      );
    }
    this.hash.update(chunk);
  }

  digest(): string {
    return `sha256:${this.hash.digest('hex')}`;
  }
}

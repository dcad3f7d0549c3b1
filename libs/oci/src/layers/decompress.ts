import { closeSync, openSync, readSync } from 'node:fs';
import { permanent } from '#errors';
import { readGrowing, type Growth } from '../blobs/growth.js';
import { layerFormat, type LayerFormat } from './layer-format.js';
import { directGunzip, isDirectGunzipUsable } from './direct-gunzip.js';
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
  /** By gzip's own checksum; without it, the digest of the uncompressed bytes is verified by somebody else. */
  readonly isChecked: boolean;
  /** Uncompressed bytes beyond which the layer is a bomb. */
  readonly maxBytes: number;
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

/**
 * Decompresses a layer into the ring; returns the bytes that it put there. Throws `layer.truncated`, `layer.corrupt`,
 * `layer.compression_ratio`, `layer.blob_spoilt`.
 */
export async function decompress(job: DecompressJob, ring: RingWriter): Promise<number> {
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
      meter.count(chunk.length);
      ring.write(chunk);
    });
  }
  return meter.bytes;
}

/** Pieces small enough that the parser starts while more is coming. */
const pieceBytes = 256 * 1024;

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
      const count = readNext(piece.subarray(0, pieceBytes));
      meter.count(count);
      return count;
    });
  } while (read > 0);
}

/** Compressed bytes that are read at once. */
const readBytes = 128 * 1024;

/** Straight from the file into the ring, with nothing in between. */
function gunzipInto({ path, growth, isChecked }: DecompressJob, ring: RingWriter, meter: Meter): void {
  const gunzip = directGunzip(isChecked);
  const input = Buffer.allocUnsafeSlow(readBytes);
  const fd = openSync(path, 'r');
  const readNext = readerOf(fd, growth, ring);
  /** False when it wants more input. */
  const inflate = (): boolean => {
    let isFull = false;
    ring.fill((piece) => {
      const output = piece.subarray(0, pieceBytes);
      const made = gunzip.inflate(output);
      meter.count(made);
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

  constructor(private readonly maxBytes: number) {}

  count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes <= this.maxBytes) return;
    throw permanent(
      'layer.compression_ratio',
      `the layer decompresses to more than ${this.maxBytes} bytes, which its blob's size does not warrant`,
    );
  }
}

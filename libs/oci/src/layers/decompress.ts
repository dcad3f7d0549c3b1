import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { permanent } from '#errors';
import type { LayerFormat } from './layer-format.js';
import { gunzip } from './gunzip.js';
import type { RingWriter } from './shared-ring.js';
import { unzstd } from './unzstd.js';

/** One layer to be made tar bytes. */
export interface DecompressJob {
  readonly path: string;
  readonly format: LayerFormat;
  /** An open pipe from which the bytes come decompressed already; closed by whoever opened it. */
  readonly pipe?: number;
  /** Uncompressed bytes beyond which the layer is a bomb. */
  readonly maxBytes: number;
}

export interface DecompressResult {
  /** Digest of the uncompressed bytes, `sha256:<hex>`. */
  readonly diffId: string;
  readonly bytes: number;
}

/** Decompresses a layer into the ring. Throws `layer.truncated`, `layer.corrupt`, `layer.compression_ratio`. */
export async function decompress(job: DecompressJob, ring: RingWriter): Promise<DecompressResult> {
  const meter = new Meter(job.maxBytes);
  if (job.pipe !== undefined) {
    pump(job.pipe, ring, meter);
  } else if (job.format === 'tar') {
    const fd = openSync(job.path, 'r');
    try {
      pump(fd, ring, meter);
    } finally {
      closeSync(fd);
    }
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

function pump(fd: number, ring: RingWriter, meter: Meter): void {
  let read: number;
  do {
    read = ring.fill((piece) => {
      const count = readSync(fd, piece, 0, Math.min(piece.length, PIECE_BYTES), null);
      meter.count(piece.subarray(0, count));
      return count;
    });
  } while (read > 0);
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

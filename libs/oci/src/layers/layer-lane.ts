import { Worker } from 'node:worker_threads';
import { temporary } from '#errors';
import { ringGrowth, type Growth } from '../blobs/growth.js';
import { errorOf, type ErrorMessage } from './worker-error.js';
import type { DecompressJob } from './decompress.js';
import { startUnzstd, type RunningProgram } from './decompress-program.js';
import { layerFormat } from './layer-format.js';
import { laneReaders } from './layer-hasher.js';
import { readingStopped, ringMemory, RingReader, stopRing } from './shared-ring.js';

/** Bytes between the thread that decompresses and the one that writes: enough to ride over a run of small files. */
const ringBytes = 8 * 1024 * 1024;

/** Young objects are few in these threads: a small nursery keeps them small. */
const workerLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };

/** A blob as a file: one that is here and verified, or one that still grows. */
export interface LayerToOpen {
  readonly path: string;
  /** What the configuration says about the uncompressed bytes; not compared when missing. */
  readonly diffId: string | undefined;
  /** Of a blob that is still being written, with the size that it will have. */
  readonly growing?: { readonly growth: Growth; readonly size: number } | undefined;
}

/** When a layer is taken for a decompression bomb; as in `TreeLimits`. */
export interface LayerStreamLimits {
  readonly compressionRatio: number;
  readonly ratioFromBytes: number;
}

type FromWorker =
  { readonly kind: 'decompressed' } | { readonly kind: 'failed'; readonly error: ErrorMessage };

/** A thread that decompresses layers, one after the other, into a ring that another thread reads. */
export class LayerLane {
  readonly ring = ringMemory(ringBytes, laneReaders);
  private readonly worker = new Worker(new URL('./decompress.worker.js', import.meta.url), {
    workerData: { ring: this.ring },
    resourceLimits: workerLimits,
    stdin: false,
  });
  /** False once the thread has ended, for whatever reason. */
  isAlive = true;
  private stopped = false;
  private program: RunningProgram | undefined;
  private growth: Growth | undefined;
  private settle: ((message: FromWorker | Error) => void) | undefined;

  constructor() {
    this.worker.on('message', (message: FromWorker) => this.settle?.(message));
    this.worker.on('error', (error) => this.settle?.(workerDied(error)));
    this.worker.on('exit', () => {
      this.isAlive = false;
      this.settle?.(workerDied(undefined));
    });
  }

  /** Starts a layer; the one before must be finished and read to its end. The promise inside says how it ended. */
  async open(layer: LayerToOpen, limits: LayerStreamLimits): Promise<{ readonly finished: Promise<void> }> {
    const { format, size: there } = await layerFormat(layer.path);
    const { growth, size = there } = layer.growing ?? {};
    // Nothing may start once `stop` has gone through: nobody would end it.
    if (this.stopped) throw readingStopped();
    RingReader.reset(this.ring);
    this.program = format === 'zstd' ? startUnzstd(layer.path) : undefined;
    this.growth = growth;
    const maxBytes = Math.max(limits.ratioFromBytes, size * limits.compressionRatio);
    const job: DecompressJob = {
      path: layer.path,
      format,
      isChecked: layer.diffId === undefined,
      maxBytes,
      ...(this.program === undefined ? {} : { pipe: this.program.pipe }),
      ...(growth === undefined ? {} : { growth }),
    };
    return { finished: this.run(job) };
  }

  /** Makes the layer that runs fail: nobody reads it any more. */
  fail(): void {
    stopRing(this.ring);
    // Whoever waits for more of the blob sees that nobody wants it.
    if (this.growth !== undefined) ringGrowth(this.growth);
    this.program?.kill();
  }

  /** Ends everything at once; the thread that reads the ring gets an error. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.fail();
    await this.worker.terminate();
    this.program?.close();
  }

  /** Whether the process stays alive for this thread. */
  hold(isHeld: boolean): void {
    if (isHeld) this.worker.ref();
    else this.worker.unref();
  }

  private async run(job: DecompressJob): Promise<void> {
    const { program } = this;
    const outcome = new Promise<FromWorker | Error>((resolve) => {
      this.settle = resolve;
    });
    this.worker.postMessage(job);
    const message = await outcome;
    this.settle = undefined;
    if (message instanceof Error) throw message;
    if (message.kind === 'failed') {
      program?.close();
      throw errorOf(message.error);
    }
    // The pipe's end is the same whether the program ended well or not: only it knows.
    await program?.finished.finally(() => program.close());
  }
}

function workerDied(cause: unknown): Error {
  return temporary('layer.worker_died', 'the thread that decompresses layers ended', { cause });
}

import { Worker } from 'node:worker_threads';
import { temporary } from '#errors';
import { readingStopped, stopRing, type RingMemory } from './shared-ring.js';

/** Readers of a lane's ring: who parses, and who hashes. */
export const laneReaders = 2;
/** The one of them that hashes; 0 parses. */
export const hashReader = 1;

/** What the thread that hashes is started with. */
export interface HasherThread {
  readonly rings: readonly RingMemory[];
}

/** The lane whose next layer is to be hashed. */
export type ToHasher = number;
/** Digest of a layer's uncompressed bytes, `sha256:<hex>`; nothing for one that did not come to its end. */
export type FromHasher = string | undefined;

/** It holds nothing but a piece at a time, which lies outside its heap. */
const workerLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

/**
 * The thread that finds out the digests of layers' uncompressed bytes, as seen from outside. One of its own: inflating
 * a large layer is what an image waits for, and hashing beside it would make that wait half as long again.
 */
export class LayerHasher {
  private readonly worker: Worker;
  private readonly asked: ((digest: FromHasher | Error) => void)[] = [];
  /** Why the thread ended; nothing while it lives. */
  death: Error | undefined;

  constructor(private readonly rings: readonly RingMemory[]) {
    this.worker = new Worker(new URL('./hash.worker.js', import.meta.url), {
      workerData: { rings } satisfies HasherThread,
      resourceLimits: workerLimits,
      stdin: false,
    });
    this.worker.on('message', (digest: FromHasher) => this.asked.shift()?.(digest));
    this.worker.on('error', (error) => this.end(error));
    this.worker.on('exit', () => this.end(undefined));
  }

  /** Digest of the layer that now runs through a lane's ring; layers are hashed in the order in which they are asked for. */
  async digest(lane: number): Promise<string> {
    if (this.death !== undefined) throw this.death;
    const answer = new Promise<FromHasher | Error>((resolve) => this.asked.push(resolve));
    this.worker.postMessage(lane satisfies ToHasher);
    const digest = await answer;
    if (digest instanceof Error) throw digest;
    if (digest === undefined) throw readingStopped();
    return digest;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  /** Whether the process stays alive for this thread. */
  hold(isHeld: boolean): void {
    if (isHeld) this.worker.ref();
    else this.worker.unref();
  }

  private end(cause: unknown): void {
    this.death ??= temporary('layer.worker_died', 'the thread that hashes layers ended', { cause });
    // Who decompresses would wait for its reading for ever.
    for (const ring of this.rings) stopRing(ring);
    for (const settle of this.asked.splice(0)) settle(this.death);
  }
}

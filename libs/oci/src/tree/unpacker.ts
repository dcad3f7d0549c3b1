import { Worker } from 'node:worker_threads';
import { temporary } from '#errors';
import { errorOf } from '../layers/worker-error.js';
import type {
  FromUnpacker,
  ToUnpacker,
  UnpackCounts,
  UnpackerThread,
  UnpackStart,
} from './unpack-messages.js';

/** The tree's columns are outside the heap; the heap holds an entry at a time. */
const workerLimits = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 192 };

type Again = Extract<FromUnpacker, { kind: 'again' }>;
type Done = Extract<FromUnpacker, { kind: 'done' }>;

/** The thread that parses layers and writes trees, one at a time, as seen from outside. */
export class Unpacker {
  private readonly worker: Worker;
  /** False once the thread has ended, for whatever reason. */
  isAlive = true;
  private settle: ((message: FromUnpacker | Error) => void) | undefined;

  private onProgress: ((counts: UnpackCounts) => void) | undefined;

  constructor(shared: UnpackerThread) {
    this.worker = new Worker(new URL('./unpack.worker.js', import.meta.url), {
      workerData: shared,
      resourceLimits: workerLimits,
    });
    this.worker.on('message', (message: FromUnpacker) => this.take(message));
    this.worker.on('error', (error) => this.settle?.(died(error)));
    this.worker.on('exit', () => {
      this.isAlive = false;
      this.settle?.(died(undefined));
    });
  }

  /** Begins a tree; the one before is done. */
  begin(start: UnpackStart, onProgress?: (counts: UnpackCounts) => void): void {
    this.onProgress = onProgress;
    this.tell({ kind: 'begin', start });
  }

  /** Unpacks the layer that now runs through a lane's ring; writes its index to a new file if given one. */
  async layer(layer: number, lane: number, index?: string): Promise<void> {
    await this.ask({ kind: 'layer', layer, lane, index });
  }

  /** Takes a layer's index in its place. */
  async indexedLayer(layer: number, index: string): Promise<void> {
    await this.ask({ kind: 'index', layer, index });
  }

  /** Ends the tree, or says which layers are needed once more. */
  async finish(): Promise<Done | Again> {
    const message = await this.ask({ kind: 'finish' });
    if (message.kind !== 'done' && message.kind !== 'again') throw died(undefined);
    return message;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  /** Whether the process stays alive for this thread. */
  hold(isHeld: boolean): void {
    if (isHeld) this.worker.ref();
    else this.worker.unref();
  }

  private tell(message: ToUnpacker): void {
    this.worker.postMessage(message);
  }

  private async ask(request: ToUnpacker): Promise<FromUnpacker> {
    const answer = new Promise<FromUnpacker | Error>((resolve) => {
      this.settle = resolve;
    });
    this.tell(request);
    const message = await answer;
    this.settle = undefined;
    if (message instanceof Error) throw message;
    if (message.kind === 'failed') throw errorOf(message.error);
    return message;
  }

  private take(message: FromUnpacker): void {
    if (message.kind === 'progress') this.onProgress?.(message.counts);
    else this.settle?.(message);
  }
}

function died(cause: unknown): Error {
  return temporary('tree.worker_died', 'the thread that writes the tree ended', { cause });
}

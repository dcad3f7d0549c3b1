import { Worker } from 'node:worker_threads';
import { RingReader, stopRing } from '../layers/shared-ring.js';
import { linkMemory, type LinkMemory } from './link-memory.js';

/** Paths are all that it holds. */
const workerLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

/** The thread that makes hard links, as seen from outside; started when a tree first takes from an older one. */
export class Linker {
  readonly memory: LinkMemory = linkMemory();
  /** False once the thread has ended, for whatever reason. */
  isAlive = true;
  private worker: Worker | undefined;

  /** Begins a tree; the one before is done. */
  begin(): void {
    RingReader.reset(this.memory.ring);
    this.memory.state.fill(0);
    this.worker ??= this.start();
    this.worker.postMessage('begin');
  }

  async stop(): Promise<void> {
    stopRing(this.memory.ring);
    await this.worker?.terminate();
  }

  /** Whether the process stays alive for this thread. */
  hold(isHeld: boolean): void {
    if (isHeld) this.worker?.ref();
    else this.worker?.unref();
  }

  private start(): Worker {
    const options = { workerData: this.memory, resourceLimits: workerLimits };
    const worker = new Worker(new URL('./link.worker.js', import.meta.url), options);
    const died = (): void => {
      this.isAlive = false;
      // Who waits for a link hears of it there.
      stopRing(this.memory.ring);
    };
    worker.on('error', died);
    worker.on('exit', died);
    return worker;
  }
}

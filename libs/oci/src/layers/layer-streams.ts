import { permanent } from '#errors';
import { LayerHasher } from './layer-hasher.js';
import { LayerLane, type LayerStreamLimits, type LayerToOpen } from './layer-lane.js';
import type { RingMemory } from './shared-ring.js';

/** Lanes: while one layer is read, the next is decompressed already. */
const lanes = 2;

/** A layer whose bytes run into a lane's ring. */
export interface OpenLayer {
  readonly lane: number;
  /** Resolves once all of it went through; rejects with AppErrors `layer.*`. */
  readonly finished: Promise<void>;
}

/** Decompresses layers into rings that another thread reads: one layer ahead of it. */
export class LayerStreams {
  private readonly lanes = Array.from({ length: lanes }, () => new LayerLane());
  private readonly hasher = new LayerHasher(this.rings);
  private opened = 0;

  get rings(): readonly RingMemory[] {
    return this.lanes.map(({ ring }) => ring);
  }

  /** False once any of the threads has ended. */
  get isAlive(): boolean {
    return this.hasher.death === undefined && this.lanes.every((lane) => lane.isAlive);
  }

  /** Starts a layer; all but the one opened last must be finished and read to their ends. */
  async open(layer: LayerToOpen, limits: LayerStreamLimits): Promise<OpenLayer> {
    const lane = this.opened++ % lanes;
    const opened = await this.lanes[lane]?.open(layer, limits);
    const finished = this.verify(opened?.finished, this.hasher.digest(lane), layer.diffId);
    // Its failure is told when its turn comes to be read.
    finished.catch(() => undefined);
    return { lane, finished };
  }

  /** Makes the layers that run fail: nobody reads them any more. */
  fail(): void {
    for (const lane of this.lanes) lane.fail();
  }

  /** Ends everything at once; the thread that reads the rings gets an error. */
  async stop(): Promise<void> {
    await Promise.all([this.hasher.stop(), ...this.lanes.map((lane) => lane.stop())]);
  }

  /** Whether the process stays alive for these threads. */
  hold(isHeld: boolean): void {
    this.hasher.hold(isHeld);
    for (const lane of this.lanes) lane.hold(isHeld);
  }

  /** What is wrong with the layer's data is told before what became of its digest. */
  private async verify(
    decompressed: Promise<void> | undefined,
    digest: Promise<string>,
    diffId: string | undefined,
  ): Promise<void> {
    digest.catch(() => undefined);
    try {
      await decompressed;
    } catch (error) {
      throw this.hasher.death ?? error;
    }
    const found = await digest;
    if (diffId !== undefined && diffId !== found) throw wrongDiffId(diffId, found);
  }
}

function wrongDiffId(expected: string, found: string): Error {
  return permanent(
    'layer.diff_id_mismatch',
    `a layer's uncompressed digest is ${found}, its image's configuration says ${expected}`,
  );
}

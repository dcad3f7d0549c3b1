import type { RingMemory } from '../layers/shared-ring.js';
import type { TreeAddition } from './additions.js';
import type { TreeLimits } from './limits.js';
import type { Owners } from './tree-writer.js';
import type { ErrorMessage } from '../layers/worker-error.js';

/** What the thread that writes a tree is started with. */
export interface UnpackStart {
  readonly ring: RingMemory;
  readonly target: string;
  readonly owners: Owners;
  readonly limits: TreeLimits;
  /** How many layers the image has. */
  readonly layerCount: number;
  readonly additions: readonly TreeAddition[];
}

/** To the thread: one layer is about to run through the ring, or all have. */
export type ToUnpacker = { readonly kind: 'layer'; readonly layer: number } | { readonly kind: 'finish' };

/** What the tree has so far. */
export interface UnpackCounts {
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly hardLinks: number;
  readonly bytes: number;
}

/** From the thread. */
export type FromUnpacker =
  | { readonly kind: 'layer-done' }
  /** All layers from this one down are to be sent once more. */
  | { readonly kind: 'again'; readonly from: number }
  | { readonly kind: 'progress'; readonly counts: UnpackCounts }
  | {
      readonly kind: 'done';
      readonly counts: UnpackCounts;
      readonly leftOut: Record<string, number>;
    }
  | { readonly kind: 'failed'; readonly error: ErrorMessage };

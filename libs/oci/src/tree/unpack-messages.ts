import type { RingMemory } from '../layers/shared-ring.js';
import type { TreeAddition } from './additions.js';
import type { TreeLimits } from './limits.js';
import type { LinkMemory } from './link-memory.js';
import type { OldTreeOptions } from './old-tree.js';
import type { LayersWanted } from './tree-builder.js';
import type { Owners } from './tree-writer.js';
import type { ErrorMessage } from '../layers/worker-error.js';

/** What the thread that writes trees is started with. */
export interface UnpackerThread {
  readonly rings: readonly RingMemory[];
  readonly links: LinkMemory;
}

/** What a tree is begun with. */
export interface UnpackStart {
  readonly target: string;
  readonly owners: Owners;
  readonly limits: TreeLimits;
  /** How many layers the image has. */
  readonly layerCount: number;
  readonly additions: readonly TreeAddition[];
  readonly old: OldTreeOptions | undefined;
}

/** To the thread. */
export type ToUnpacker =
  /** A tree begins; nothing answers. */
  | { readonly kind: 'begin'; readonly start: UnpackStart }
  /** A layer runs through a lane's ring; what its headers say is to be written to `index`, a new file. */
  | {
      readonly kind: 'layer';
      readonly layer: number;
      readonly lane: number;
      readonly index: string | undefined;
    }
  /** A layer comes as its index, without its data. */
  | { readonly kind: 'index'; readonly layer: number; readonly index: string }
  /** All layers are through. */
  | { readonly kind: 'finish' };

/** What the tree has so far. */
export interface UnpackCounts {
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly hardLinks: number;
  readonly bytes: number;
  /** Files taken from an older tree instead of from a layer. */
  readonly reusedFiles: number;
}

/** From the thread. */
export type FromUnpacker =
  | { readonly kind: 'layer-done' }
  /** These layers are wanted once more. */
  | { readonly kind: 'again'; readonly wanted: LayersWanted }
  | { readonly kind: 'progress'; readonly counts: UnpackCounts }
  | {
      readonly kind: 'done';
      readonly counts: UnpackCounts;
      readonly leftOut: Record<string, number>;
    }
  | { readonly kind: 'failed'; readonly error: ErrorMessage };

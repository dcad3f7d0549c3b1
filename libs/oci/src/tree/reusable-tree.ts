import type { LayerBlob } from '../image-source.js';
import type { LayerIndexes } from '../layers/layer-indexes.js';
import type { OldTreeOptions } from './old-tree.js';

/** An older image's tree that a new one may take unchanged files from. It must be as `flatten` made it. */
export interface ReusableTree {
  /** Digests of its layers' blobs, bottom first. */
  readonly layers: readonly string[];
  /** Its directory. For `in-place` the target itself counts. */
  readonly root: string;
  readonly method: 'link' | 'in-place';
}

/** What is needed to take from an older tree: indexes of all its layers. Undefined where it would bring nothing. */
export async function findOldTree(
  reuse: ReusableTree | undefined,
  layers: readonly LayerBlob[],
  indexes: LayerIndexes | undefined,
): Promise<{ options: OldTreeOptions; known: ReadonlyMap<string, string> } | undefined> {
  if (reuse === undefined || indexes === undefined) return undefined;
  const newLayers = layers.map(({ digest }) => digest);
  if (!reuse.layers.some((digest) => newLayers.includes(digest))) return undefined;
  const known = new Map<string, string>();
  for (const digest of reuse.layers) {
    const index = await indexes.find(digest);
    if (index === undefined) return undefined;
    known.set(digest, index);
  }
  const old = reuse.layers.map((digest) => ({ digest, index: known.get(digest) ?? '' }));
  const root = reuse.method === 'link' ? reuse.root : undefined;
  return { options: { layers: old, newLayers, root }, known };
}

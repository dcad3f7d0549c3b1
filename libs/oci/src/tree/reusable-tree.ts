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

/** An older tree that is worth taking from, with the indexes that spare its layers' data. */
export interface OldTreeFound {
  readonly options: OldTreeOptions;
  /** Indexes of the layers that both images have, bottom first. */
  readonly shared: readonly string[];
}

/** What is needed to take from an older tree: indexes of all its layers. Undefined where it would bring nothing. */
export async function findOldTree(
  reuse: ReusableTree | undefined,
  layers: readonly LayerBlob[],
  indexes: LayerIndexes | undefined,
): Promise<OldTreeFound | undefined> {
  if (reuse === undefined || indexes === undefined) return undefined;
  const changed = reuse.layers.findIndex((digest, index) => digest !== layers[index]?.digest);
  const shared = changed < 0 ? reuse.layers.length : changed;
  if (shared === 0) return undefined;
  const asked = await Promise.all(reuse.layers.map((digest) => indexes.find(digest)));
  const found = asked.filter((index) => index !== undefined);
  if (found.length < asked.length) return undefined;
  const root = reuse.method === 'link' ? reuse.root : undefined;
  return { options: { shared, above: found.slice(shared), root }, shared: found.slice(0, shared) };
}

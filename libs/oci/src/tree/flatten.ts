import { temporary, toAppError } from '#errors';
import { blobSpoiltCode } from '../blobs/growth.js';
import type { LayerBlob } from '../image-source.js';
import { indexUnusable } from '../layers/index-reader.js';
import { LayerIndexes } from '../layers/layer-indexes.js';
import type { TreeAddition } from './additions.js';
import { LayerFeed } from './layer-feed.js';
import { defaultLimits, type TreeLimits } from './limits.js';
import { findOldTree, type OldTreeFound, type ReusableTree } from './reusable-tree.js';
import { reuseFailed } from './reusing-writer.js';
import { emptyTarget, prepareTarget } from './target.js';
import type { Owners } from './tree-writer.js';
import type { UnpackCounts } from './unpack-messages.js';
import { endCrew, returnCrew, takeCrew } from './unpack-crew.js';

/** What tree is made, and from what. */
export interface FlattenOptions {
  /** Bottom first. A blob that is not there yet is waited for when its turn comes, from the top one down. */
  readonly layers: readonly LayerBlob[];
  /** Absolute path of a directory that is empty, or does not exist while its parent does; see `reuse` for another. */
  readonly target: string;
  /** `keep`: each file gets the image's owner, which takes root. `mine`: all belong to this process's user. */
  readonly owners: Owners;
  readonly limits?: Partial<TreeLimits>;
  /** What the tree gets besides what the image brings: start-up files, bind points, CVMFS's catalog marker. */
  readonly additions?: readonly TreeAddition[];
  /** Where indexes of layers are kept, so that a later image with the same layers can be made by its difference. */
  readonly indexDirectory?: string;
  /**
   * An older image's tree to take unchanged files from; needs `indexDirectory`. `link`: by hard links to it. `in-place`:
   * the target is a copy of it already, and is made the new tree. Without its indexes `link` makes the tree anew;
   * `in-place` does so in the emptied target.
   */
  readonly reuse?: ReusableTree | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (counts: UnpackCounts) => void;
}

/** What was made. */
export interface FlattenResult extends UnpackCounts {
  /** What the image holds and the tree does not: counts by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/**
 * Makes the directory tree of an image from its layers. Each path is written once, from the uppermost layer that has
 * it. Rejects with AppErrors `layer.*` (the image is at fault), `tree.*` (the disk is), `flatten.cancelled`, and those
 * of `LayerBlob.ready`. The target is then to be discarded with `discardTree`; nothing outside it was touched.
 */
export async function flatten(options: FlattenOptions): Promise<FlattenResult> {
  const started = performance.now();
  const { layers, reuse, indexDirectory } = options;
  throwIfAborted(options.signal);
  await prepareTarget(options.target, reuse?.method === 'in-place');
  const indexes = indexDirectory === undefined ? undefined : new LayerIndexes(indexDirectory);
  const old = await findOldTree(reuse, layers, indexes);
  const done = await makeByAllMeans(options, indexes, old);
  const seconds = (performance.now() - started) / 1000;
  return { ...done.counts, leftOut: done.leftOut, seconds };
}

/** Makes the tree, and anew where what it was made from turns out to be no good. */
async function makeByAllMeans(
  options: FlattenOptions,
  indexes: LayerIndexes | undefined,
  old: OldTreeFound | undefined,
): Promise<Made> {
  let known = old;
  // Without its indexes, the copy of an older tree is in the way.
  if (options.reuse !== undefined && old === undefined) await emptyTarget(options.target);
  for (let early = true; ;) {
    try {
      return await make(options, { indexes, old: known, early });
    } catch (error) {
      const { code } = toAppError(error);
      if (code === blobSpoiltCode) {
        early = false;
      } else if (known !== undefined && (code === reuseFailed || code === indexUnusable)) {
        // Whatever was wrong with what is known about the older image: it is learnt anew.
        for (const digest of options.reuse?.layers ?? []) await indexes?.forget(digest);
      } else {
        throw error;
      }
    }
    known = undefined;
    await emptyTarget(options.target);
  }
}

type Made = Awaited<ReturnType<LayerFeed['run']>>;

interface Means {
  readonly indexes: LayerIndexes | undefined;
  readonly old: OldTreeFound | undefined;
  /** Read blobs while they arrive. */
  readonly early: boolean;
}

async function make(options: FlattenOptions, { indexes, old, early }: Means): Promise<Made> {
  const { layers, target, owners, signal } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const crew = takeCrew();
  const start = {
    target,
    owners,
    limits,
    layerCount: layers.length,
    additions: options.additions ?? [],
    old: old?.options,
  };
  if (old?.options.root !== undefined) crew.linker.begin();
  crew.unpacker.begin(start, options.onProgress);
  const known = old?.shared ?? [];
  const { streams, unpacker } = crew;
  const feed = new LayerFeed({ layers, streams, unpacker, indexes, known, early, limits, signal });
  try {
    const made = await abortable(feed.run(), signal);
    await returnCrew(crew);
    return made;
  } catch (error) {
    // Nobody knows what its threads are about.
    await endCrew(crew);
    await feed.dropDrafts();
    throw error;
  }
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(cancelled());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled();
}

function cancelled(): Error {
  return temporary('flatten.cancelled', 'making the tree was cancelled', { level: 'info' });
}

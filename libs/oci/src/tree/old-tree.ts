import { IndexReader } from '../layers/index-reader.js';
import { DecidedTree } from './decided-tree.js';
import type { TreeLimits } from './limits.js';
import { FILE, NONE, PHANTOM, ROOT, type NodeTable } from './node-table.js';
import { visitEntry } from './visit-entry.js';

/** What an older image's tree has in common with the new one, and where it is. */
export interface OldTreeOptions {
  /** How many layers, from the bottom, both images have. */
  readonly shared: number;
  /** Indexes of the older image's layers above those, bottom first. */
  readonly above: readonly string[];
  /** Its directory; undefined where the target is a copy of it. */
  readonly root: string | undefined;
}

/** Nothing above the shared layers says anything about the path or what is above it. */
const FREE = -1;
/** The older tree shows something else there. */
const BLOCKED = -2;
/** What publishing adds in the place of what the image has; it may have added other things to the older tree. */
const added = '.singularity.d';

/**
 * What the older image has above the layers that both have. What a path shows of those is the same in both trees, hard
 * links included, as long as neither image has anything above that hides it: only that needs to be known.
 */
export class OldTree {
  readonly root: string | undefined;
  private readonly shared: number;
  private readonly above: NodeTable;
  /** By row of the new tree: the row of the same directory here, or one of the above; 0 when not asked yet. */
  private directories = new Int32Array(4096);

  /** Throws `layer.index_unusable`. */
  constructor({ shared, above, root }: OldTreeOptions, limits: TreeLimits) {
    this.root = root;
    this.shared = shared;
    const tree = new DecidedTree({ remove: () => undefined });
    for (let layer = above.length - 1; layer >= 0; layer--) {
      addIndex(tree, shared + layer, above[layer] ?? '', limits);
    }
    this.above = tree.nodes;
  }

  /** Whether the older tree shows at the row's path what the new one is about to: the same entry of the same layer. */
  hasSame(nodes: NodeTable, row: number): boolean {
    const layer = nodes.layer[row] ?? NONE;
    if (layer === NONE || layer >= this.shared) return false;
    const parent = this.directoryOf(nodes, nodes.parent[row] ?? ROOT);
    if (parent < 0) return parent === FREE;
    const state = this.inside(parent, nodes.name(row));
    return state === FREE || (state >= 0 && this.above.kind[state] === PHANTOM);
  }

  private directoryOf(nodes: NodeTable, row: number): number {
    if (row === ROOT) return ROOT;
    const known = this.directories[row] ?? 0;
    if (known !== 0) return known;
    const parent = this.directoryOf(nodes, nodes.parent[row] ?? ROOT);
    const state = parent < 0 ? parent : this.inside(parent, nodes.name(row));
    if (row >= this.directories.length) this.grow(row);
    this.directories[row] = state;
    return state;
  }

  private inside(directory: number, name: string): number {
    const { above } = this;
    if (directory === ROOT && name === added) return BLOCKED;
    if ((above.opaqueFrom[directory] ?? NONE) !== NONE) return BLOCKED;
    const child = above.child(directory, name);
    if (child === NONE) return FREE;
    return (above.hiddenFrom[child] ?? NONE) === NONE ? child : BLOCKED;
  }

  private grow(row: number): void {
    const larger = new Int32Array(Math.max(row + 1, this.directories.length * 2));
    larger.set(this.directories);
    this.directories = larger;
  }
}

function addIndex(tree: DecidedTree, layer: number, path: string, limits: TreeLimits): void {
  const reader = new IndexReader(path);
  for (let ordinal = 0; ; ordinal++) {
    const entry = reader.next();
    if (entry === undefined) return;
    visitEntry(entry, limits, {
      whiteOut: (parts) => tree.whiteOut(layer, parts),
      makeOpaque: (parts) => tree.makeOpaque(layer, parts),
      leaveOut: () => undefined,
      place: ({ type }, parts) => {
        if (type === 'directory') tree.placeDirectory(layer, ordinal, parts);
        else tree.placeLeaf(layer, ordinal, parts, FILE);
      },
    });
  }
}

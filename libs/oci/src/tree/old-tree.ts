import { IndexReader } from '../layers/index-reader.js';
import { DecidedTree } from './decided-tree.js';
import { DirectoryTable } from './directory-table.js';
import { LeftOut } from './left-out.js';
import type { TreeLimits } from './limits.js';
import { type NodeTable, NONE, ROOT } from './node-table.js';
import { OriginTable } from './origin-table.js';
import { TreeAssembly } from './tree-assembly.js';
import type { EntryOrigin, TreeSink, Written } from './tree-sink.js';
import type { TarEntry } from '../tar/tar-entry.js';

export interface OldTreeOptions {
  /** Digests and indexes of its layers, bottom first. */
  readonly layers: readonly { readonly digest: string; readonly index: string }[];
  /** Digests of the new image's layers, bottom first. */
  readonly newLayers: readonly string[];
  /** Its directory; undefined where the target is a copy of it. */
  readonly root: string | undefined;
}

/** Remembers where each path's content comes from, and writes nothing. */
class PlanSink implements TreeSink {
  readonly written: Written = {
    files: 0,
    directories: 0,
    symlinks: 0,
    hardLinks: 0,
    bytes: 0,
    reusedFiles: 0,
  };
  readonly directories = new DirectoryTable();
  readonly origins = new OriginTable();

  constructor(private readonly nodes: NodeTable) {}

  directory(row: number): void {
    this.nodes.onDisk[row] = 1;
  }

  file(row: number, _entry: TarEntry, origin: EntryOrigin): boolean {
    this.stands(row, origin);
    return true;
  }

  symlink(row: number, _entry: TarEntry, origin: EntryOrigin): void {
    this.stands(row, origin);
  }

  hardLink(row: number, of: number): void {
    this.nodes.onDisk[row] = 1;
    this.origins.copy(row, of);
  }

  remove(row: number): void {
    this.nodes.onDisk[row] = 0;
    this.origins.set(row, NONE, NONE);
  }

  private stands(row: number, { layer, ordinal }: EntryOrigin): void {
    this.nodes.onDisk[row] = 1;
    this.origins.set(row, layer, ordinal);
  }
}

/** What an older tree holds, from its layers' indexes alone. */
export class OldTree {
  /** For each new layer the old one with the same content, `NONE` when there is none. */
  private readonly sameLayer: Int16Array;
  /** By row of the new tree: the row of the same path here; 0 when not asked yet, for all but the top. */
  private rows = new Int32Array(4096);

  private constructor(
    readonly root: string | undefined,
    private readonly nodes: NodeTable,
    private readonly origins: OriginTable,
    { layers, newLayers }: OldTreeOptions,
  ) {
    const known = new Map(layers.map(({ digest }, index) => [digest, index]));
    // A layer that is there twice counts as its upper one: that is whose entries stand.
    this.sameLayer = Int16Array.from(newLayers, (digest) => known.get(digest) ?? NONE);
  }

  /** Decides the older tree once more. Throws `layer.index_unusable`. */
  static read(options: OldTreeOptions, limits: TreeLimits): OldTree {
    const tree = new DecidedTree({ remove: (row) => sink.remove(row) });
    const sink = new PlanSink(tree.nodes);
    const special = { fifo: () => undefined, noteXattrs: () => undefined };
    const assembly = new TreeAssembly({ tree, sink, special, leftOut: new LeftOut(), limits });
    let from: number | undefined = options.layers.length - 1;
    while (from !== undefined) {
      for (let layer = from; layer >= 0; layer--) {
        const index = options.layers[layer]?.index;
        if (index !== undefined) assembly.addLayer(layer, new IndexReader(index));
      }
      from = assembly.missingFrom();
    }
    return new OldTree(options.root, tree.nodes, sink.origins, options);
  }

  /** Whether the same path holds the same content of the same layer here. */
  hasSame(newNodes: NodeTable, row: number, layer: number, ordinal: number): boolean {
    const oldLayer = this.sameLayer[layer] ?? NONE;
    if (oldLayer === NONE) return false;
    const oldRow = this.rowOf(newNodes, row);
    if (oldRow === NONE || this.nodes.onDisk[oldRow] !== 1) return false;
    return this.origins.layer(oldRow) === oldLayer && this.origins.ordinal(oldRow) === ordinal;
  }

  private rowOf(newNodes: NodeTable, row: number): number {
    if (row === ROOT) return ROOT;
    while (row >= this.rows.length) {
      const larger = new Int32Array(this.rows.length * 2);
      larger.set(this.rows);
      this.rows = larger;
    }
    const known = this.rows[row] ?? 0;
    if (known !== 0) return known;
    const parent = this.rowOf(newNodes, newNodes.parent[row] ?? ROOT);
    const found = parent === NONE ? NONE : this.nodes.child(parent, newNodes.name(row));
    this.rows[row] = found;
    return found;
  }
}

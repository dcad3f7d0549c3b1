import type { EntryReader, TarEntry } from '../tar/tar-entry.js';
import { Additions, type TreeAddition } from './additions.js';
import { DecidedTree } from './decided-tree.js';
import { LeftOut } from './left-out.js';
import type { TreeLimits } from './limits.js';
import type { LinkSender } from './link-sender.js';
import { OldTree, type OldTreeOptions } from './old-tree.js';
import { ReusingWriter } from './reusing-writer.js';
import { SpecialFiles } from './special-files.js';
import { TreeAssembly } from './tree-assembly.js';
import type { Written } from './tree-sink.js';
import { TreeWriter, type Owners } from './tree-writer.js';

/** What a tree is made of and where. It runs in a thread of its own, so that it may block. */
export interface TreeBuilderOptions {
  /** An empty directory, or the copy of an older tree. */
  readonly target: string;
  readonly owners: Owners;
  readonly limits: TreeLimits;
  /** How many layers the image has. */
  readonly layerCount: number;
  readonly additions: readonly TreeAddition[];
  /** An older tree to take from. */
  readonly old?: OldTreeOptions | undefined;
  /** Makes links to the older tree beside this thread. */
  readonly linker?: LinkSender | undefined;
  readonly onEntry?: (entry: TarEntry) => void;
}

/** Layers that are wanted once more, uppermost first: with their data, or as entries alone. */
export interface LayersWanted {
  readonly layers: readonly number[];
  readonly data: boolean;
}

/** Builds a tree from layers that are given from the top one down. Throws AppErrors `layer.*` and `tree.*`. */
export class TreeBuilder {
  readonly leftOut = new LeftOut();
  private readonly tree: DecidedTree;
  private readonly writer: TreeWriter;
  private readonly reusing: ReusingWriter | undefined;
  private readonly special: SpecialFiles;
  private readonly assembly: TreeAssembly;
  private readonly additions: Additions;
  private fetching = false;

  constructor(private readonly options: TreeBuilderOptions) {
    const { target, owners, limits, old, linker, onEntry } = options;
    this.tree = new DecidedTree({ remove: (row) => this.remove(row) });
    const { tree, leftOut } = this;
    this.reusing =
      old === undefined
        ? undefined
        : new ReusingWriter(target, owners, tree.nodes, { old: new OldTree(old, limits), linker });
    this.writer = this.reusing ?? new TreeWriter(target, owners, tree.nodes);
    const { writer } = this;
    this.special = new SpecialFiles(writer, leftOut);
    const { special } = this;
    this.assembly = new TreeAssembly({ tree, sink: writer, special, leftOut, limits, onEntry });
    this.additions = new Additions({ tree, writer, limits }, options.additions);
    this.additions.addAlways(options.layerCount);
  }

  get written(): Written {
    return this.writer.written;
  }

  /** Takes one layer, or one that `wanted` named. */
  addLayer(layer: number, reader: EntryReader): void {
    if (this.fetching) this.fetch(layer, reader);
    else this.assembly.addLayer(layer, reader);
  }

  /** Once all layers are in, or those named the last time: what is needed once more. Nothing, as a rule. */
  wanted(): LayersWanted | undefined {
    const from = this.assembly.missingFrom();
    if (from !== undefined) {
      return { layers: Array.from({ length: from + 1 }, (_, index) => from - index), data: false };
    }
    const layers = this.reusing?.pendingLayers() ?? [];
    this.fetching = layers.length > 0;
    return this.fetching ? { layers, data: true } : undefined;
  }

  /** Ends the tree: additions, special files, then directories' metadata. */
  finish(): void {
    this.additions.addAbsent(this.options.layerCount);
    this.special.makeFifos((row) => this.assembly.placer.arrived(row));
    this.assembly.placer.settle();
    this.assembly.verify();
    this.reusing?.sweep();
    this.special.setXattrs(this.options.target);
    this.writer.finishDirectories();
  }

  /** Writes those files of a layer for which the older tree had nothing to take. */
  private fetch(layer: number, reader: EntryReader): void {
    const wanted = this.reusing?.takePending(layer) ?? new Map<number, number[]>();
    for (let ordinal = 0; ; ordinal++) {
      const entry = reader.next();
      if (entry === undefined) break;
      const rows = wanted.get(ordinal);
      // Nothing but the first row gets the data: a reader hands it on once.
      const [first, ...others] = rows ?? [];
      if (first === undefined) continue;
      this.writer.file(first, entry, { layer, ordinal, reader });
      this.assembly.placer.arrived(first);
      for (const other of others) {
        this.writer.hardLink(other, first);
        this.assembly.placer.arrived(other);
      }
    }
    reader.drain();
    this.assembly.placer.settle();
  }

  private remove(row: number): void {
    this.special.forget(row);
    this.writer.remove(row);
  }
}

import { permanent } from '#errors';
import type { ByteSource } from '../tar/byte-source.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { TarReader } from '../tar/tar-reader.js';
import { Additions, type TreeAddition } from './additions.js';
import { DecidedTree } from './decided-tree.js';
import { EntryPlacer } from './entry-placer.js';
import { HardLinks, type OpenLink } from './hard-links.js';
import { HiddenTargets } from './hidden-targets.js';
import { LeftOut } from './left-out.js';
import type { TreeLimits } from './limits.js';
import { ShadowedLinks } from './shadowed-links.js';
import { SpecialFiles } from './special-files.js';
import { TreeWriter, type Owners } from './tree-writer.js';
import { visitEntry } from './visit-entry.js';

export interface TreeBuilderOptions {
  /** An empty directory. */
  readonly target: string;
  readonly owners: Owners;
  readonly limits: TreeLimits;
  /** How many layers the image has. */
  readonly layerCount: number;
  readonly additions: readonly TreeAddition[];
  readonly onEntry?: (entry: TarEntry) => void;
}

/** Builds a tree from layers that are given from the top one down. Throws AppErrors `layer.*` and `tree.*`. */
export class TreeBuilder {
  readonly tree: DecidedTree;
  readonly writer: TreeWriter;
  readonly leftOut = new LeftOut();
  private readonly links: HardLinks;
  private readonly special: SpecialFiles;
  private readonly shadowed: ShadowedLinks;
  private readonly placer: EntryPlacer;
  private readonly additions: Additions;
  private hiddenTargets: HiddenTargets | undefined;
  private entries = 0;

  constructor(private readonly options: TreeBuilderOptions) {
    this.tree = new DecidedTree({
      remove: (row) => {
        this.special.forget(row);
        this.writer.remove(row);
      },
    });
    this.writer = new TreeWriter(options.target, options.owners, this.tree.nodes);
    this.links = new HardLinks(this.tree);
    this.special = new SpecialFiles(this.writer, this.leftOut);
    this.shadowed = new ShadowedLinks(this.tree);
    this.placer = new EntryPlacer({
      tree: this.tree,
      writer: this.writer,
      links: this.links,
      special: this.special,
      shadowed: this.shadowed,
      leftOut: this.leftOut,
      limits: options.limits,
    });
    const { tree, writer } = this;
    this.additions = new Additions({ tree, writer, limits: options.limits }, options.additions);
    this.additions.addAlways(options.layerCount);
  }

  /** Takes one layer; after `missingFrom` named one, the layers from there down once more. */
  addLayer(layer: number, source: ByteSource): void {
    if (this.hiddenTargets !== undefined) {
      this.hiddenTargets.addLayer(layer, source);
      return;
    }
    const reader = new TarReader(source);
    const visitor = {
      whiteOut: this.tree.whiteOut.bind(this.tree, layer),
      makeOpaque: this.tree.makeOpaque.bind(this.tree, layer),
      leaveOut: (reason: string) => this.leftOut.add(reason),
    };
    for (let ordinal = 0; ; ordinal++) {
      const entry = reader.next();
      if (entry === undefined) break;
      this.countEntry();
      visitEntry(entry, this.options.limits, {
        ...visitor,
        place: (placed, parts) => this.placer.place({ layer, ordinal, reader }, placed, parts),
      });
      this.options.onEntry?.(entry);
    }
    reader.drain();
  }

  /**
   * Once all layers are in: the layer from which on down they have to be read again, because hard links lead to what
   * upper layers hide; undefined when nothing is missing. To be asked again after that.
   */
  missingFrom(): number | undefined {
    this.hiddenTargets?.finish();
    const links = this.links.takeHidden();
    const [first] = links;
    if (first === undefined) {
      this.hiddenTargets = undefined;
      return undefined;
    }
    this.hiddenTargets = new HiddenTargets(links, {
      limits: this.options.limits,
      file: (wanting, entry, reader) => this.deliverFile(wanting, entry, reader),
      symlink: (wanting, entry) => this.deliverSymlink(wanting, entry),
      again: (wanting) => this.links.addHidden(wanting),
      takeBack: (wanting) => wanting.forEach((link) => this.writer.remove(link.row)),
    });
    return first.layer;
  }

  /** Ends the tree: additions, special files, then directories' metadata. */
  finish(): void {
    this.additions.addAbsent(this.options.layerCount);
    this.special.makeFifos((row) => this.placer.arrived(row));
    this.links.verifyAllFound();
    this.shadowed.verify();
    this.special.setXattrs(this.options.target);
    this.writer.finishDirectories();
  }

  private deliverFile(links: readonly OpenLink[], entry: TarEntry, reader: TarReader): void {
    const [first, ...others] = links;
    if (first === undefined) return;
    this.placer.writeFile(first.row, entry, reader);
    this.linkAll(first, others);
  }

  private deliverSymlink(links: readonly OpenLink[], entry: TarEntry): void {
    const [first, ...others] = links;
    if (first === undefined) return;
    this.placer.writeSymlink(first.row, entry);
    this.linkAll(first, others);
  }

  private linkAll(first: OpenLink, others: readonly OpenLink[]): void {
    for (const other of others) {
      this.writer.hardLink(other.row, first.row);
      this.placer.arrived(other.row);
    }
  }

  private countEntry(): void {
    const { entries } = this.options.limits;
    if (++this.entries <= entries) return;
    throw permanent('layer.too_many_entries', `the image's layers hold more than ${entries} entries`);
  }
}

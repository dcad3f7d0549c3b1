import { permanent } from '#errors';
import type { EntryReader, TarEntry } from '../tar/tar-entry.js';
import type { DecidedTree } from './decided-tree.js';
import { EntryPlacer } from './entry-placer.js';
import { HardLinks, type OpenLink } from './hard-links.js';
import { HiddenTargets } from './hidden-targets.js';
import type { LeftOut } from './left-out.js';
import type { TreeLimits } from './limits.js';
import { ShadowedLinks } from './shadowed-links.js';
import type { SpecialFiles } from './special-files.js';
import type { TreeSink } from './tree-sink.js';
import { visitEntry, type EntryVisitor } from './visit-entry.js';

/** What an assembly decides on and writes to; all of it is one tree's, from the first layer on. */
export interface AssemblyParts {
  readonly tree: DecidedTree;
  readonly sink: TreeSink;
  readonly special: Pick<SpecialFiles, 'fifo' | 'noteXattrs'>;
  readonly leftOut: LeftOut;
  readonly limits: TreeLimits;
  readonly onEntry?: ((entry: TarEntry) => void) | undefined;
}

/** Assembles a tree from layers that are given from the top one down, on a disk or as a plan. */
export class TreeAssembly {
  readonly placer: EntryPlacer;
  private readonly links: HardLinks;
  private readonly shadowed: ShadowedLinks;
  private hiddenTargets: HiddenTargets | undefined;
  private entries = 0;

  constructor(private readonly parts: AssemblyParts) {
    const { tree, sink, special, leftOut, limits } = parts;
    this.links = new HardLinks(tree);
    this.shadowed = new ShadowedLinks(tree);
    const { links, shadowed } = this;
    this.placer = new EntryPlacer({ tree, writer: sink, links, special, shadowed, leftOut, limits });
  }

  /** Takes one layer; after `missingFrom` named one, the layers from there down once more. */
  addLayer(layer: number, reader: EntryReader): void {
    if (this.hiddenTargets === undefined) this.place(layer, reader);
    else this.hiddenTargets.addLayer(layer, reader);
    this.placer.settle();
  }

  private place(layer: number, reader: EntryReader): void {
    const { tree, leftOut } = this.parts;
    const origin = { layer, ordinal: 0, reader };
    const visitor: EntryVisitor = {
      whiteOut: (parts) => tree.whiteOut(layer, parts),
      makeOpaque: (parts) => tree.makeOpaque(layer, parts),
      leaveOut: (reason) => leftOut.add(reason),
      place: (entry, parts) => this.placer.place({ ...origin }, entry, parts),
    };
    while (this.placeNext(reader, visitor)) origin.ordinal++;
    reader.drain();
  }

  /** Its own method, so that V8 compiles it for itself: all of it inside the loop would be compiled late and for long. */
  private placeNext(reader: EntryReader, visitor: EntryVisitor): boolean {
    const entry = reader.next();
    if (entry === undefined) return false;
    this.countEntry();
    visitEntry(entry, this.parts.limits, visitor);
    this.parts.onEntry?.(entry);
    return true;
  }

  /**
   * Once all layers are in: the layer from which on down they have to be read again, because hard links lead to what
   * upper layers hide; undefined when nothing is missing. To be asked again after that.
   */
  missingFrom(): number | undefined {
    this.hiddenTargets?.finish();
    this.hiddenTargets = undefined;
    const links = this.links.takeHidden();
    const [first] = links;
    if (first === undefined) return undefined;
    this.hiddenTargets = new HiddenTargets(links, {
      limits: this.parts.limits,
      file: (wanting, entry, origin) =>
        this.deliver(wanting, (row) => this.placer.writeFile(row, entry, origin)),
      symlink: (wanting, entry, origin) =>
        this.deliver(wanting, (row) => this.placer.writeSymlink(row, entry, origin)),
      again: (wanting) => this.links.addHidden(wanting),
      takeBack: (wanting) => wanting.forEach((link) => this.parts.sink.remove(link.row)),
    });
    return first.layer;
  }

  /** Throws when a hard link or a link on the way to an entry leads nowhere. */
  verify(): void {
    this.links.verifyAllFound();
    this.shadowed.verify();
  }

  /** Writes in the first link's place; the others are links to it. */
  private deliver(links: readonly OpenLink[], write: (row: number) => void): void {
    const [first, ...others] = links;
    if (first === undefined) return;
    for (const other of others) this.links.waitFor(first.row, other);
    write(first.row);
  }

  private countEntry(): void {
    const { entries } = this.parts.limits;
    if (++this.entries <= entries) return;
    throw permanent('layer.too_many_entries', `the image's layers hold more than ${entries} entries`);
  }
}

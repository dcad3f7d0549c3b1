import { permanent } from '#errors';
import type { ByteSource } from '../tar/byte-source.js';
import { showBytes, type ByteString } from '../tar/byte-string.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { TarReader } from '../tar/tar-reader.js';
import { DecidedTree, HIDDEN } from './decided-tree.js';
import { judgeNames } from './entry-names.js';
import { entryPath } from './entry-path.js';
import { HardLinks, type OpenLink } from './hard-links.js';
import { LeftOut, verifyDevice } from './left-out.js';
import type { TreeLimits } from './limits.js';
import { FIFO, FILE, HARD_LINK, LEFT_OUT, SYMLINK } from './node-table.js';
import { ShadowedLinks } from './shadowed-links.js';
import { SpecialFiles } from './special-files.js';
import { TreeWriter, type Owners } from './tree-writer.js';

export interface TreeBuilderOptions {
  /** An empty directory. */
  readonly target: string;
  readonly owners: Owners;
  readonly limits: TreeLimits;
  readonly onEntry?: () => void;
}

/** Builds a tree from layers that are given from the top one down. */
export class TreeBuilder {
  readonly tree: DecidedTree;
  readonly writer: TreeWriter;
  readonly links: HardLinks;
  readonly leftOut = new LeftOut();
  readonly special: SpecialFiles;
  private readonly shadowed: ShadowedLinks;
  private entries = 0;

  constructor(private readonly options: TreeBuilderOptions) {
    this.tree = new DecidedTree({ remove: (row) => this.remove(row) });
    this.writer = new TreeWriter(options.target, options.owners, this.tree.nodes);
    this.links = new HardLinks(this.tree);
    this.special = new SpecialFiles(this.writer, this.leftOut);
    this.shadowed = new ShadowedLinks(this.tree);
  }

  /** Takes one layer. Throws AppErrors `layer.*` and `tree.*`, after which the tree is to be discarded. */
  addLayer(layer: number, source: ByteSource): void {
    const reader = new TarReader(source);
    for (let ordinal = 0; ; ordinal++) {
      const entry = reader.next();
      if (entry === undefined) break;
      this.countEntry();
      this.addEntry(layer, ordinal, entry, reader);
      this.options.onEntry?.();
    }
    reader.drain();
  }

  /** Ends the tree once all layers and additions are in: special files, then directories' metadata. */
  finish(): void {
    this.links.verifyAllFound();
    this.shadowed.verify();
    this.special.finish();
    this.writer.finishDirectories();
  }

  /** Tells that something stands at a row now: hard links may have waited for it. */
  arrived(row: number): void {
    const rows = [row];
    for (let at = rows.pop(); at !== undefined; at = rows.pop()) {
      for (const link of this.links.takeWaiting(at)) {
        this.writer.hardLink(link.row, at);
        rows.push(link.row);
      }
    }
  }

  private addEntry(layer: number, ordinal: number, entry: TarEntry, reader: TarReader): void {
    const { tree } = this;
    const parts = entryPath(entry.path, this.options.limits);
    const verdict = judgeNames(parts);
    switch (verdict.kind) {
      case 'whiteout':
        tree.whiteOut(layer, [...parts.slice(0, -1), verdict.hides]);
        return;
      case 'opaque':
        tree.makeOpaque(layer, parts.slice(0, -1));
        return;
      case 'left-out':
        this.leftOut.add(verdict.reason);
        return;
      case 'entry':
        this.place(layer, ordinal, entry, parts, reader);
    }
  }

  private place(
    layer: number,
    ordinal: number,
    entry: TarEntry,
    parts: readonly ByteString[],
    reader: TarReader,
  ): void {
    switch (entry.type) {
      case 'directory':
        return this.placeDirectory(layer, ordinal, entry, parts);
      case 'file':
        return this.placeFile(layer, ordinal, entry, parts, reader);
      case 'symlink':
        return this.placeSymlink(layer, ordinal, entry, parts);
      case 'link':
        return this.placeHardLink(layer, ordinal, entry, parts);
      case 'fifo':
        return this.placeFifo(layer, ordinal, entry, parts);
      case 'character':
      case 'block':
        return this.placeDevice(layer, ordinal, entry, parts);
    }
  }

  private placeDirectory(
    layer: number,
    ordinal: number,
    entry: TarEntry,
    parts: readonly ByteString[],
  ): void {
    const row = this.tree.placeDirectory(layer, ordinal, parts);
    if (row === HIDDEN) return;
    this.tree.nodes.detail[row] = this.writer.directories.add(entry);
    this.writer.directory(row);
    this.special.noteXattrs(row, entry);
  }

  private placeFile(
    layer: number,
    ordinal: number,
    entry: TarEntry,
    parts: readonly ByteString[],
    reader: TarReader,
  ): void {
    const row = this.tree.placeLeaf(layer, ordinal, parts, FILE);
    if (row !== HIDDEN) this.writeFile(row, entry, reader);
  }

  /** Writes a file to its row, within the limits. */
  writeFile(row: number, entry: TarEntry, reader: TarReader): void {
    const { limits } = this.options;
    if (entry.size > limits.fileBytes) throw fileTooLarge(entry, limits.fileBytes);
    if (this.writer.written.bytes + entry.stored > limits.totalBytes) {
      throw treeTooLarge(limits.totalBytes);
    }
    this.writer.file(row, entry, (sink) => reader.readData(sink));
    this.special.noteXattrs(row, entry);
    this.arrived(row);
  }

  private placeSymlink(layer: number, ordinal: number, entry: TarEntry, parts: readonly ByteString[]): void {
    const row = this.tree.placeLeaf(layer, ordinal, parts, SYMLINK);
    if (row === HIDDEN) {
      this.shadowed.note(entry.linkPath);
      return;
    }
    this.writer.symlink(row, entry);
    this.special.noteXattrs(row, entry);
    this.arrived(row);
  }

  private placeHardLink(layer: number, ordinal: number, entry: TarEntry, parts: readonly ByteString[]): void {
    const target = entryPath(entry.linkPath, this.options.limits);
    const row = this.tree.placeLeaf(layer, ordinal, parts, HARD_LINK);
    if (row === HIDDEN) return;
    this.openLink({ row, layer, ordinal, target: entry.linkPath, hops: 0 }, target);
  }

  /** Gives a placed hard link its target, now or when it arrives. */
  private openLink(link: OpenLink, target: readonly ByteString[]): void {
    const { nodes } = this.tree;
    const verdict = judgeNames(target);
    if (verdict.kind !== 'entry') {
      nodes.kind[link.row] = LEFT_OUT;
      this.leftOut.add(verdict.kind === 'left-out' ? verdict.reason : 'link_to_whiteout');
      return;
    }
    const fate = this.links.resolve(link, target);
    if (fate.kind === 'left-out') {
      nodes.kind[link.row] = LEFT_OUT;
      this.leftOut.add('link_to_left_out');
    } else if (fate.kind === 'link') {
      this.writer.hardLink(link.row, fate.to);
      this.arrived(link.row);
    }
  }

  private placeFifo(layer: number, ordinal: number, entry: TarEntry, parts: readonly ByteString[]): void {
    const row = this.tree.placeLeaf(layer, ordinal, parts, FIFO);
    if (row !== HIDDEN) this.special.fifo(row, entry);
  }

  private placeDevice(layer: number, ordinal: number, entry: TarEntry, parts: readonly ByteString[]): void {
    const row = this.tree.placeLeaf(layer, ordinal, parts, LEFT_OUT);
    if (row === HIDDEN) return;
    verifyDevice(entry, parts);
    this.leftOut.add('device');
  }

  private remove(row: number): void {
    this.special.forget(row);
    this.writer.remove(row);
  }

  private countEntry(): void {
    const { entries } = this.options.limits;
    if (++this.entries > entries) {
      throw permanent('layer.too_many_entries', `the image's layers hold more than ${entries} entries`);
    }
  }
}

function fileTooLarge(entry: TarEntry, limit: number): Error {
  return permanent(
    'layer.file_too_large',
    `${showBytes(entry.path)} has ${entry.size} bytes, more than the ${limit} allowed`,
  );
}

function treeTooLarge(limit: number): Error {
  return permanent('layer.tree_too_large', `the image's files have more than the ${limit} bytes allowed`);
}

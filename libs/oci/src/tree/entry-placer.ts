import { permanent } from '#errors';
import { showBytes, type ByteString } from '../tar/byte-string.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { HIDDEN, type DecidedTree } from './decided-tree.js';
import { judgeNames } from './entry-names.js';
import { entryPath } from './entry-path.js';
import type { HardLinks, OpenLink } from './hard-links.js';
import { verifyDevice, type LeftOut } from './left-out.js';
import type { TreeLimits } from './limits.js';
import { FIFO, FILE, HARD_LINK, LEFT_OUT, SYMLINK } from './node-table.js';
import type { ShadowedLinks } from './shadowed-links.js';
import type { SpecialFiles } from './special-files.js';
import type { EntryOrigin, TreeSink } from './tree-sink.js';

/** What a placer works on. */
export interface PlacerParts {
  readonly tree: DecidedTree;
  readonly writer: TreeSink;
  readonly links: HardLinks;
  readonly special: Pick<SpecialFiles, 'fifo' | 'noteXattrs'>;
  readonly shadowed: ShadowedLinks;
  readonly leftOut: LeftOut;
  readonly limits: TreeLimits;
}

type Parts = readonly ByteString[];

/** Decides for each entry whether it is in the tree and, if so, writes it. */
export class EntryPlacer {
  constructor(private readonly on: PlacerParts) {}

  place(origin: EntryOrigin, entry: TarEntry, parts: Parts): void {
    switch (entry.type) {
      case 'directory':
        return this.placeDirectory(origin, entry, parts);
      case 'file':
        return this.placeFile(origin, entry, parts);
      case 'symlink':
        return this.placeSymlink(origin, entry, parts);
      case 'link':
        return this.placeHardLink(origin, entry, parts);
      case 'fifo':
        return this.placeFifo(origin, entry, parts);
      case 'character':
      case 'block':
        return this.placeDevice(origin, entry, parts);
    }
  }

  /** Writes a file to its row, within the limits. */
  writeFile(row: number, entry: TarEntry, origin: EntryOrigin): void {
    const { fileBytes, totalBytes } = this.on.limits;
    if (entry.size > fileBytes) throw fileTooLarge(entry, fileBytes);
    if (this.on.writer.written.bytes + entry.stored > totalBytes) throw treeTooLarge(totalBytes);
    this.on.special.noteXattrs(row, entry);
    if (this.on.writer.file(row, entry, origin)) this.arrived(row);
  }

  writeSymlink(row: number, entry: TarEntry, origin: EntryOrigin): void {
    this.on.writer.symlink(row, entry, origin);
    this.on.special.noteXattrs(row, entry);
    this.arrived(row);
  }

  /** Tells that something stands at a row now: hard links may have waited for it, and others for those. */
  arrived(row: number): void {
    const rows = [row];
    for (let at = rows.pop(); at !== undefined; at = rows.pop()) {
      for (const link of this.on.links.takeWaiting(at)) {
        this.on.writer.hardLink(link.row, at);
        rows.push(link.row);
      }
    }
  }

  /** At the end of a layer: gives links of upper layers what now stands for them. */
  settle(): void {
    let settled = this.on.links.takeSettled();
    while (settled.length > 0) {
      for (const { row, link } of settled) {
        this.on.writer.hardLink(link.row, row);
        this.arrived(link.row);
      }
      settled = this.on.links.takeSettled();
    }
  }

  private placeDirectory({ layer, ordinal }: EntryOrigin, entry: TarEntry, parts: Parts): void {
    const { tree, writer, special } = this.on;
    const row = tree.placeDirectory(layer, ordinal, parts);
    if (row === HIDDEN) return;
    tree.nodes.detail[row] = writer.directories.add(entry);
    writer.directory(row);
    special.noteXattrs(row, entry);
  }

  private placeFile(origin: EntryOrigin, entry: TarEntry, parts: Parts): void {
    const row = this.on.tree.placeLeaf(origin.layer, origin.ordinal, parts, FILE);
    if (row !== HIDDEN) this.writeFile(row, entry, origin);
  }

  private placeSymlink(origin: EntryOrigin, entry: TarEntry, parts: Parts): void {
    const row = this.on.tree.placeLeaf(origin.layer, origin.ordinal, parts, SYMLINK);
    if (row === HIDDEN) this.on.shadowed.note(entry.linkPath);
    else this.writeSymlink(row, entry, origin);
  }

  private placeHardLink({ layer, ordinal }: EntryOrigin, entry: TarEntry, parts: Parts): void {
    const target = entryPath(entry.linkPath, this.on.limits);
    const row = this.on.tree.placeLeaf(layer, ordinal, parts, HARD_LINK);
    if (row === HIDDEN) return;
    this.openLink({ row, layer, ordinal, target: entry.linkPath, hops: 0 }, target);
  }

  /** Gives a placed hard link its target, now or when it arrives. */
  private openLink(link: OpenLink, target: Parts): void {
    const verdict = judgeNames(target);
    if (verdict.kind !== 'entry') {
      this.leaveOut(link.row, verdict.kind === 'left-out' ? verdict.reason : 'link_to_whiteout');
      return;
    }
    if (this.on.writer.takeHardLink(link.row)) {
      this.arrived(link.row);
      return;
    }
    const fate = this.on.links.resolve(link, target);
    if (fate.kind === 'left-out') {
      this.leaveOut(link.row, 'link_to_left_out');
    } else if (fate.kind === 'link') {
      this.on.writer.hardLink(link.row, fate.to);
      this.arrived(link.row);
    }
  }

  private leaveOut(row: number, reason: string): void {
    this.on.tree.nodes.kind[row] = LEFT_OUT;
    this.on.leftOut.add(reason);
  }

  private placeFifo({ layer, ordinal }: EntryOrigin, entry: TarEntry, parts: Parts): void {
    const row = this.on.tree.placeLeaf(layer, ordinal, parts, FIFO);
    if (row !== HIDDEN) this.on.special.fifo(row, entry);
  }

  private placeDevice({ layer, ordinal }: EntryOrigin, entry: TarEntry, parts: Parts): void {
    const row = this.on.tree.placeLeaf(layer, ordinal, parts, LEFT_OUT);
    if (row === HIDDEN) return;
    verifyDevice(entry, parts);
    this.on.leftOut.add('device');
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

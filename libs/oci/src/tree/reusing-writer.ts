import * as fs from 'node:fs';
import { permanent } from '#errors';
import { byteString, showBytes, type ByteString } from '../tar/byte-string.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { discardTreeSync } from './discard-tree.js';
import { fsPath } from './fs-path.js';
import type { LinkSender } from './link-sender.js';
import { DIRECTORY, FILE, NONE, type NodeTable, ROOT } from './node-table.js';
import type { OldTree } from './old-tree.js';
import type { EntryOrigin } from './tree-sink.js';
import { TreeWriter, type Owners } from './tree-writer.js';

/** Code of the error that says: make the tree anew. */
export const reuseFailed = 'tree.reuse_failed';

/** Where unchanged files are taken from, and who helps. */
export interface ReuseParts {
  readonly old: OldTree;
  /** Makes some of the links in another thread; without it this one makes all. */
  readonly linker?: LinkSender | undefined;
}

/**
 * A writer that takes from an older tree what the new one has unchanged: by hard links to it or, where the target is a
 * copy of it, by leaving it alone. Layers that the older image has too come as indexes, without their data.
 */
export class ReusingWriter extends TreeWriter {
  /** Rows of files that only their layer has, and which entry of it they are. */
  private readonly pending = new Map<number, Pick<EntryOrigin, 'layer' | 'ordinal'>>();
  /** Rows that were left alone in the copy; each must be there in the end. */
  private readonly leftAlone = new Set<number>();
  /** Rows whose old content, with all below it, was removed from the copy. */
  private readonly cleared = new Set<number>();
  private readonly oldTop: ByteString | undefined;
  private readonly old: OldTree;
  private readonly linker: LinkSender | undefined;
  /** Bytes of files whose links another thread makes. */
  private readonly sent = new Map<number, number>();

  constructor(target: string, owners: Owners, nodes: NodeTable, { old, linker }: ReuseParts) {
    super(target, owners, nodes);
    this.old = old;
    this.linker = linker;
    this.oldTop = old.root === undefined ? undefined : byteString(old.root);
    // The copy's own top may have come without permissions.
    if (this.oldTop === undefined) this.makeDirectory(ROOT, this.top);
  }

  override file(row: number, entry: TarEntry, origin: EntryOrigin): boolean {
    if (origin.reader.hasData || entry.size === 0) return super.file(row, entry, origin);
    if (this.hasSame(row) && this.reuse(row, entry.stored)) {
      this.written.files++;
      this.written.reusedFiles++;
      this.written.bytes += entry.stored;
      return true;
    }
    this.pending.set(row, { layer: origin.layer, ordinal: origin.ordinal });
    return false;
  }

  override symlink(row: number, entry: TarEntry, origin?: EntryOrigin): void {
    // A link to a link costs a fraction of a new one with its time.
    if (this.hasSame(row) && this.reuse(row)) this.written.symlinks++;
    else super.symlink(row, entry, origin);
  }

  override takeHardLink(row: number): boolean {
    // What a layer's link leads to depends on that layer and lower ones alone, which both images have.
    if (this.oldTop === undefined || !this.hasSame(row) || !this.reuse(row)) return false;
    this.written.hardLinks++;
    return true;
  }

  override hardLink(row: number, of: number): void {
    if (this.oldTop !== undefined || !this.hasSame(row)) {
      this.settleLinks();
      if (this.nodes.onDisk[of] !== 1) throw notThere(this.nodes.path(of));
      return super.hardLink(row, of);
    }
    this.leaveAlone(row);
    this.written.hardLinks++;
  }

  override remove(row: number): void {
    this.settleLinks();
    // In a copy, a directory still holds what the older tree had there.
    if (this.oldTop === undefined && this.nodes.onDisk[row] === 1) {
      this.clear(row, this.diskPath(row), false);
      if (this.nodes.kind[row] === DIRECTORY) this.written.directories--;
      this.nodes.onDisk[row] = 0;
    }
    super.remove(row);
    this.pending.delete(row);
    this.leftAlone.delete(row);
  }

  /** Layers whose data is needed after all, uppermost first. */
  pendingLayers(): number[] {
    this.settleLinks();
    const layers = new Set([...this.pending.values()].map(({ layer }) => layer));
    return [...layers].sort((a, b) => b - a);
  }

  /** Rows by ordinal that want a file of this layer; each is handed out once. */
  takePending(layer: number): Map<number, number[]> {
    const wanted = new Map<number, number[]>();
    for (const [row, origin] of this.pending) {
      if (origin.layer !== layer) continue;
      wanted.set(origin.ordinal, [...(wanted.get(origin.ordinal) ?? []), row]);
      this.pending.delete(row);
    }
    return wanted;
  }

  /** Removes from the copy what the new tree has not. Throws `tree.reuse_failed` when it was no true copy. */
  sweep(): void {
    this.settleLinks();
    this.linker?.end();
    if (this.oldTop !== undefined) return;
    const { nodes } = this;
    for (let row = ROOT; row < nodes.count; row++) {
      if (nodes.kind[row] === DIRECTORY) this.sweepDirectory(row);
    }
    const [lost] = this.leftAlone;
    if (lost !== undefined) throw notThere(nodes.path(lost));
  }

  protected override makeDirectory(row: number, path: ByteString): void {
    if (this.oldTop === undefined && this.clear(row, path, true)) return;
    super.makeDirectory(row, path);
  }

  protected override prepare(row: number): ByteString {
    const path = super.prepare(row);
    if (this.oldTop === undefined) this.clear(row, path, false);
    return path;
  }

  /** Makes room in the copy; true when a directory stands there that may stay. */
  private clear(row: number, path: ByteString, keepDirectory: boolean): boolean {
    return this.guard(path, () => {
      const stats = fs.lstatSync(fsPath(path), { throwIfNoEntry: false });
      if (stats === undefined) return false;
      if (!stats.isDirectory()) {
        fs.unlinkSync(fsPath(path));
      } else if (keepDirectory) {
        if ((stats.mode & 0o700) !== 0o700) fs.chmodSync(fsPath(path), 0o700);
        return true;
      } else {
        discardTreeSync(Buffer.from(path, 'latin1'));
      }
      this.cleared.add(row);
      return false;
    });
  }

  private hasSame(row: number): boolean {
    return this.old.hasSame(this.nodes, row) && !this.isCleared(row);
  }

  private isCleared(row: number): boolean {
    if (this.cleared.size === 0) return false;
    for (let at = row; at !== ROOT; at = this.nodes.parent[at] ?? ROOT) {
      if (this.cleared.has(at)) return true;
    }
    return false;
  }

  /** False where the older tree has nothing to link to after all: the layer is read then. */
  private reuse(row: number, bytes?: number): boolean {
    if (this.oldTop === undefined) {
      this.leaveAlone(row);
      return true;
    }
    const path = this.prepare(row);
    const from = this.oldTop + path.slice(this.top.length);
    const parent = this.nodes.parent[row] ?? ROOT;
    // Of a hard link it must be known at once whether it stands.
    if (bytes !== undefined && this.linker?.send(row, parent, from, path) === true) {
      this.sent.set(row, bytes);
    } else {
      try {
        fs.linkSync(fsPath(from), fsPath(path));
      } catch {
        return false;
      }
    }
    this.nodes.onDisk[row] = 1;
    return true;
  }

  /** Waits for the links that another thread makes; files that it could not link are wanted from their layers. */
  private settleLinks(): void {
    if (this.linker === undefined || this.sent.size === 0) return;
    const { nodes } = this;
    for (const row of this.linker.settle()) {
      if (nodes.kind[row] !== FILE) throw notThere(nodes.path(row));
      nodes.onDisk[row] = 0;
      this.written.files--;
      this.written.reusedFiles--;
      this.written.bytes -= this.sent.get(row) ?? 0;
      this.pending.set(row, { layer: nodes.layer[row] ?? NONE, ordinal: nodes.ordinal[row] ?? NONE });
    }
    if (this.linker.lostCount) throw permanent(reuseFailed, 'the older tree lacks a thousand files and more');
    this.sent.clear();
  }

  private leaveAlone(row: number): void {
    this.directory(this.nodes.parent[row] ?? ROOT);
    this.nodes.onDisk[row] = 1;
    this.leftAlone.add(row);
  }

  private sweepDirectory(row: number): void {
    this.directory(row);
    const path = this.diskPath(row);
    for (const name of fs.readdirSync(fsPath(path), 'buffer')) {
      const child = this.nodes.child(row, name.toString('latin1'));
      if (child !== NONE && this.nodes.onDisk[child] === 1) this.leftAlone.delete(child);
      else discardTreeSync(Buffer.concat([Buffer.from(`${path}/`, 'latin1'), name]));
    }
  }
}

function notThere(path: ByteString): Error {
  return permanent(reuseFailed, `the copy of the older tree lacks ${showBytes(path)}`);
}

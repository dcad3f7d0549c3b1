import { permanent } from '#errors';
import { byteString, type ByteString } from '../tar/byte-string.js';
import type { DecidedTree } from './decided-tree.js';
import { entryPath } from './entry-path.js';
import type { TreeLimits } from './limits.js';
import { DIRECTORY, FILE, NONE, PHANTOM, ROOT, SYMLINK } from './node-table.js';
import type { TreeWriter } from './tree-writer.js';

/**
 * Something that a tree gets besides what its image brings. Paths begin at the tree's top. `always`: instead of what
 * the image has there. `absent`: only where the image has nothing, neither there nor a link or file on the way.
 */
export type TreeAddition = { readonly path: string; readonly when: 'always' | 'absent' } & (
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly data: string; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string }
);

/** A file that makes CVMFS give the tree a catalog of its own. */
export const catalogMarker: TreeAddition = {
  kind: 'file',
  path: '.cvmfscatalog',
  when: 'always',
  data: '',
  mode: 0o644,
};

/** The same owner and time at every unpacking. */
const rootMetadata = { uid: 0, gid: 0, mtime: 0 };

interface On {
  readonly tree: DecidedTree;
  readonly writer: TreeWriter;
  readonly limits: TreeLimits;
}

/** Adds to a tree through the table of its paths, so that no link of the image is ever followed. */
export class Additions {
  constructor(
    private readonly on: On,
    private readonly additions: readonly TreeAddition[],
  ) {}

  /** Before the layers, as one above them. */
  addAlways(layer: number): void {
    for (const addition of this.additions) {
      if (addition.when === 'always') this.addAbove(layer, addition);
    }
  }

  /** After the layers. `layer` is above them all. */
  addAbsent(layer: number): void {
    for (const addition of this.additions) {
      if (addition.when === 'absent') this.addWhereNothingIs(layer, addition);
    }
  }

  private addAbove(layer: number, addition: TreeAddition): void {
    const { tree } = this.on;
    const parts = this.partsOf(addition);
    for (let count = 1; count < parts.length; count++) {
      this.declare(tree.placeDirectory(layer, NONE, parts.slice(0, count)));
    }
    if (addition.kind === 'directory') this.declare(tree.placeDirectory(layer, NONE, parts));
    else this.write(tree.placeLeaf(layer, NONE, parts, kindOf(addition)), addition);
  }

  private addWhereNothingIs(layer: number, addition: TreeAddition): void {
    const parts = this.partsOf(addition);
    const path = addition.kind === 'directory' ? parts : parts.slice(0, -1);
    let row = ROOT;
    for (const part of path) {
      row = this.directoryIn(row, part, layer);
      if (row === NONE) return;
    }
    if (addition.kind === 'directory') return;
    const leaf = this.childOf(row, parts.at(-1) ?? '');
    const { nodes } = this.on.tree;
    if (nodes.kind[leaf] !== PHANTOM) return;
    nodes.kind[leaf] = kindOf(addition);
    nodes.layer[leaf] = layer;
    this.write(leaf, addition);
  }

  /** The directory of that name, made where nothing is; `NONE` where something else is. */
  private directoryIn(parent: number, name: ByteString, layer: number): number {
    const { nodes } = this.on.tree;
    const row = this.childOf(parent, name);
    if (nodes.kind[row] === DIRECTORY) return row;
    if (nodes.kind[row] !== PHANTOM) return NONE;
    nodes.kind[row] = DIRECTORY;
    nodes.layer[row] = layer;
    this.declare(row);
    return row;
  }

  private childOf(parent: number, name: ByteString): number {
    const { nodes } = this.on.tree;
    const child = nodes.child(parent, name);
    return child === NONE ? nodes.add(parent, name) : child;
  }

  private declare(row: number): void {
    const { tree, writer } = this.on;
    tree.nodes.detail[row] = writer.directories.add({ ...rootMetadata, mode: 0o755 });
    writer.directory(row);
  }

  private write(row: number, addition: TreeAddition): void {
    const { writer } = this.on;
    if (addition.kind === 'file') {
      writer.bytes(row, Buffer.from(addition.data), { ...rootMetadata, mode: addition.mode });
    } else if (addition.kind === 'link') {
      writer.symlink(row, { ...rootMetadata, linkPath: byteString(addition.target) });
    }
  }

  private partsOf(addition: TreeAddition): ByteString[] {
    const parts = entryPath(byteString(addition.path), this.on.limits);
    if (parts.length > 0 && !addition.path.includes('\0')) return parts;
    throw permanent('tree.addition_invalid', `${JSON.stringify(addition.path)} cannot be added`);
  }
}

function kindOf(addition: TreeAddition): number {
  return addition.kind === 'link' ? SYMLINK : FILE;
}

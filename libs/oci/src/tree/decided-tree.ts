import { permanent } from '#errors';
import { showBytes, type ByteString } from '../tar/byte-string.js';
import { DIRECTORY, NodeTable, NONE, PHANTOM, ROOT, SYMLINK } from './node-table.js';

/** The path is hidden by what stands above: nothing is to be done. */
export const HIDDEN = -1;

/** What the tree wants done on the disk. */
export interface TreeEffects {
  /** The path was placed by the layer now being read and is replaced in it: children come before their directory. */
  remove(row: number): void;
}

/** A directory that nobody declared stands where a lower layer has a symbolic link. */
export interface ShadowedLink {
  readonly row: number;
  readonly layer: number;
  readonly ordinal: number;
}

/**
 * Which path comes from which layer. Layers are given from the top one down, so what is decided stays: a path is
 * placed once, and what upper layers hide is never placed at all. Within one layer a later entry replaces an earlier
 * one. Knows nothing of disks.
 */
export class DecidedTree {
  readonly nodes = new NodeTable();
  readonly shadowedLinks: ShadowedLink[] = [];

  constructor(private readonly effects: TreeEffects) {}

  /** The row of a path's parent, made where it is missing; `HIDDEN` when this layer has no say there. */
  enter(layer: number, parts: readonly ByteString[], count: number): number {
    return this.walk(layer, parts, count, false);
  }

  /** Places what is no directory. The row tells where to write it. */
  placeLeaf(layer: number, ordinal: number, parts: readonly ByteString[], kind: number): number {
    if (parts.length === 0) throw rootReplaced();
    const row = this.rowOf(layer, parts, true);
    if (row === HIDDEN) return HIDDEN;
    const { nodes } = this;
    if (nodes.kind[row] === DIRECTORY && this.layerOf(row) > layer) {
      this.shadow(layer, ordinal, row, kind);
      return HIDDEN;
    }
    if (nodes.kind[row] !== PHANTOM) this.erase(row);
    nodes.kind[row] = kind;
    nodes.layer[row] = layer;
    nodes.ordinal[row] = ordinal;
    nodes.detail[row] = NONE;
    this.hide(row, layer);
    return row;
  }

  /** Places a directory, or takes its metadata where it stands undeclared. `HIDDEN` when neither is wanted. */
  placeDirectory(layer: number, ordinal: number, parts: readonly ByteString[]): number {
    const row = parts.length === 0 ? this.visible(ROOT, layer) : this.rowOf(layer, parts, true);
    if (row === HIDDEN) return HIDDEN;
    const { nodes } = this;
    const declared = nodes.declared[row] ?? NONE;
    if (nodes.kind[row] === DIRECTORY && declared !== NONE && declared !== layer) return HIDDEN;
    if (nodes.kind[row] !== DIRECTORY && nodes.kind[row] !== PHANTOM) this.erase(row);
    this.materialize(row, layer);
    nodes.declared[row] = layer;
    nodes.ordinal[row] = ordinal;
    return row;
  }

  /** A whiteout of a path: lower layers have no say there. */
  whiteOut(layer: number, parts: readonly ByteString[]): void {
    const row = this.rowOf(layer, parts, false);
    if (row !== HIDDEN) this.hide(row, layer);
  }

  /** An opaque directory: lower layers have no say about what is in it. */
  makeOpaque(layer: number, parts: readonly ByteString[]): void {
    const row = this.enter(layer, parts, parts.length);
    if (row === HIDDEN) return;
    if ((this.nodes.opaqueFrom[row] ?? NONE) === NONE) this.nodes.opaqueFrom[row] = layer;
  }

  /** An entry makes what stands above it directories, even if upper layers leave nothing of the entry itself. */
  private walk(layer: number, parts: readonly ByteString[], count: number, isEntry: boolean): number {
    let row = ROOT;
    for (let index = 0; index < count; index++) {
      if (this.hidesContent(row, layer)) return HIDDEN;
      const name = parts[index] ?? '';
      const child = this.nodes.child(row, name);
      row = child === NONE ? this.nodes.add(row, name) : child;
      const isOpen = this.nodes.kind[row] === PHANTOM && this.visible(row, layer) !== HIDDEN;
      if (isEntry && isOpen) this.materialize(row, layer);
    }
    return this.hidesContent(row, layer) ? HIDDEN : row;
  }

  private rowOf(layer: number, parts: readonly ByteString[], isEntry: boolean): number {
    const parent = this.walk(layer, parts, parts.length - 1, isEntry);
    if (parent === HIDDEN) return HIDDEN;
    const name = parts.at(-1) ?? '';
    const child = this.nodes.child(parent, name);
    return child === NONE ? this.nodes.add(parent, name) : this.visible(child, layer);
  }

  private visible(row: number, layer: number): number {
    return layer < (this.nodes.hiddenFrom[row] ?? NONE) ? HIDDEN : row;
  }

  /** Whether `layer` has no say about what is in `row`; throws when its own link or file is in the way. */
  private hidesContent(row: number, layer: number): boolean {
    const { nodes } = this;
    if (layer < (nodes.hiddenFrom[row] ?? NONE) || layer < (nodes.opaqueFrom[row] ?? NONE)) {
      return true;
    }
    const kind = nodes.kind[row];
    if (kind === DIRECTORY || kind === PHANTOM) return false;
    throw kind === SYMLINK ? throughLink(nodes.path(row)) : throughFile(nodes.path(row));
  }

  private hide(row: number, layer: number): void {
    if ((this.nodes.hiddenFrom[row] ?? NONE) < layer) this.nodes.hiddenFrom[row] = layer;
  }

  private layerOf(row: number): number {
    return this.nodes.layer[row] ?? NONE;
  }

  /** An upper layer's directory replaces this layer's file or link, and all that lower ones have there. */
  private shadow(layer: number, ordinal: number, row: number, kind: number): void {
    this.forget(row, layer);
    this.hide(row, layer);
    if (kind !== SYMLINK || (this.nodes.declared[row] ?? NONE) !== NONE) return;
    this.shadowedLinks.push({ row, layer, ordinal });
  }

  /** Takes back what `layer` itself placed at and below a directory that an upper layer has made. */
  private forget(row: number, layer: number): void {
    const { nodes } = this;
    if (nodes.declared[row] === layer) {
      nodes.declared[row] = NONE;
      nodes.detail[row] = NONE;
    }
    for (const child of this.childrenOf(row)) {
      if (nodes.kind[child] === PHANTOM) continue;
      if (this.layerOf(child) === layer) this.erase(child);
      else if (nodes.kind[child] === DIRECTORY) this.forget(child, layer);
    }
  }

  /** Takes back a path and all below it; everything there is this layer's. */
  private erase(row: number): void {
    const { nodes } = this;
    for (const child of this.childrenOf(row)) {
      if (nodes.kind[child] !== PHANTOM) this.erase(child);
    }
    this.effects.remove(row);
    nodes.kind[row] = PHANTOM;
    nodes.onDisk[row] = 0;
    nodes.layer[row] = NONE;
    nodes.declared[row] = NONE;
    nodes.detail[row] = NONE;
  }

  private childrenOf(row: number): number[] {
    const children: number[] = [];
    let child = this.nodes.firstChild[row] ?? NONE;
    while (child !== NONE) {
      children.push(child);
      child = this.nodes.nextSibling[child] ?? NONE;
    }
    return children;
  }

  /** Makes a row a directory, and what stands above it. */
  private materialize(row: number, layer: number): void {
    const { nodes } = this;
    for (let at = row; nodes.kind[at] !== DIRECTORY; at = nodes.parent[at] ?? ROOT) {
      nodes.kind[at] = DIRECTORY;
      nodes.layer[at] = layer;
      nodes.declared[at] = NONE;
      nodes.ordinal[at] = NONE;
      nodes.detail[at] = NONE;
    }
  }
}

function throughLink(path: ByteString): Error {
  return permanent(
    'layer.path_through_link',
    `the layer makes ${showBytes(path)} a link and then writes through it`,
  );
}

function throughFile(path: ByteString): Error {
  return permanent(
    'layer.path_through_file',
    `the layer makes ${showBytes(path)} a file and then puts entries below it`,
  );
}

function rootReplaced(): Error {
  return permanent('layer.root_replaced', 'the layer makes the top of the tree something else');
}

import type { ByteString } from '../tar/byte-string.js';

/** What stands at a path. */
export const PHANTOM = 0;
/** A directory; `detail` is the row of its mode, owner and time among the directories. */
export const DIRECTORY = 1;
/** A regular file, by the entry that decided it: other names of it are hard links. */
export const FILE = 2;
/** Followed by nobody here: what a path leads to is decided by rows alone. */
export const SYMLINK = 3;
/** Another name of a file, which may still have to come from a layer further down. */
export const HARD_LINK = 4;
/** A named pipe; Node cannot make one, so that they are made in batches by a program. */
export const FIFO = 5;
/** Decided, but nothing of it is in the tree: a device, a name that CVMFS would act on. */
export const LEFT_OUT = 6;

/** The row of the tree's top, which has no name and no parent. */
export const ROOT = 0;
/** In a column of rows, layers or entries: there is none. */
export const NONE = -1;

const firstCapacity = 4096;

/**
 * Paths as rows of number columns, about 60 bytes each with its name: an object for each of half a million paths would
 * cost several times that, and the collector's time besides. Row 0 is the top; a parent's row is always before its
 * children's.
 */
export class NodeTable {
  count = 1;
  kind = new Uint8Array(firstCapacity);
  /** Set once something of this path is on the disk. */
  onDisk = new Uint8Array(firstCapacity);
  /** The layer that decided what stands here. */
  layer = new Int16Array(firstCapacity).fill(NONE);
  /** For a directory: the layer that said its mode, owner and time. */
  declared = new Int16Array(firstCapacity).fill(NONE);
  /** Layers below this one have no say about the path and all below it. */
  hiddenFrom = new Int16Array(firstCapacity).fill(NONE);
  /** Layers below this one have no say about what is in the directory. */
  opaqueFrom = new Int16Array(firstCapacity).fill(NONE);
  /** Number of the entry in its layer that decided it. */
  ordinal = new Int32Array(firstCapacity).fill(NONE);
  /** A row of another table: what it is depends on the kind. */
  detail = new Int32Array(firstCapacity).fill(NONE);
  parent = new Int32Array(firstCapacity).fill(NONE);
  firstChild = new Int32Array(firstCapacity).fill(NONE);
  nextSibling = new Int32Array(firstCapacity).fill(NONE);
  private nameStart = new Uint32Array(firstCapacity);
  private nameLength = new Uint16Array(firstCapacity);
  private names = Buffer.allocUnsafeSlow(firstCapacity * 16);
  private namesEnd = 0;
  private hashes = new Int32Array(firstCapacity);
  private hashNext = new Int32Array(firstCapacity).fill(NONE);
  private buckets = new Int32Array(firstCapacity).fill(NONE);

  private readonly seed = Math.floor(Math.random() * 2 ** 32) | 0;

  constructor() {
    this.kind[ROOT] = DIRECTORY;
  }

  /** The row of a name in a directory, `NONE` when there is none. */
  child(parent: number, name: ByteString): number {
    const hash = this.hash(parent, name);
    let row = this.buckets[this.bucketOf(hash)] ?? NONE;
    while (row !== NONE) {
      if (this.hashes[row] === hash && this.parent[row] === parent && this.hasName(row, name)) return row;
      row = this.hashNext[row] ?? NONE;
    }
    return NONE;
  }

  /** Adds a name that is not there yet; nothing stands there so far. */
  add(parent: number, name: ByteString): number {
    if (this.count === this.kind.length) this.grow();
    const row = this.count++;
    this.parent[row] = parent;
    this.nextSibling[row] = this.firstChild[parent] ?? NONE;
    this.firstChild[parent] = row;
    this.storeName(row, name);
    this.hashes[row] = this.hash(parent, name);
    this.chain(row);
    return row;
  }

  name(row: number): ByteString {
    const start = this.nameStart[row] ?? 0;
    return this.names.toString('latin1', start, start + (this.nameLength[row] ?? 0));
  }

  /** The path below the top, without a slash at either end; empty for the top. */
  path(row: number): ByteString {
    let path = '';
    for (let at = row; at !== ROOT; at = this.parent[at] ?? ROOT) {
      path = path === '' ? this.name(at) : `${this.name(at)}/${path}`;
    }
    return path;
  }

  private storeName(row: number, name: ByteString): void {
    if (this.namesEnd + name.length > this.names.length) {
      const larger = Buffer.allocUnsafeSlow(this.names.length * 2);
      this.names.copy(larger, 0, 0, this.namesEnd);
      this.names = larger;
    }
    this.nameStart[row] = this.namesEnd;
    this.nameLength[row] = name.length;
    this.names.write(name, this.namesEnd, 'latin1');
    this.namesEnd += name.length;
  }

  private hasName(row: number, name: ByteString): boolean {
    if (this.nameLength[row] !== name.length) return false;
    const start = this.nameStart[row] ?? 0;
    for (let index = 0; index < name.length; index++) {
      if (this.names[start + index] !== name.charCodeAt(index)) return false;
    }
    return true;
  }

  private hash(parent: number, name: ByteString): number {
    // FNV-1a from a start that an image cannot know, so that it cannot bring names that all collide.
    let hash = Math.imul(this.seed ^ parent, 0x01000193);
    for (let index = 0; index < name.length; index++) {
      hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
    }
    return hash ^ (hash >>> 15);
  }

  private bucketOf(hash: number): number {
    return hash & (this.buckets.length - 1);
  }

  private chain(row: number): void {
    const bucket = this.bucketOf(this.hashes[row] ?? 0);
    this.hashNext[row] = this.buckets[bucket] ?? NONE;
    this.buckets[bucket] = row;
  }

  private grow(): void {
    const capacity = this.kind.length * 2;
    this.kind = larger(this.kind, new Uint8Array(capacity));
    this.onDisk = larger(this.onDisk, new Uint8Array(capacity));
    this.layer = larger(this.layer, new Int16Array(capacity).fill(NONE));
    this.declared = larger(this.declared, new Int16Array(capacity).fill(NONE));
    this.hiddenFrom = larger(this.hiddenFrom, new Int16Array(capacity).fill(NONE));
    this.opaqueFrom = larger(this.opaqueFrom, new Int16Array(capacity).fill(NONE));
    this.ordinal = larger(this.ordinal, new Int32Array(capacity).fill(NONE));
    this.detail = larger(this.detail, new Int32Array(capacity).fill(NONE));
    this.parent = larger(this.parent, new Int32Array(capacity).fill(NONE));
    this.firstChild = larger(this.firstChild, new Int32Array(capacity).fill(NONE));
    this.nextSibling = larger(this.nextSibling, new Int32Array(capacity).fill(NONE));
    this.nameStart = larger(this.nameStart, new Uint32Array(capacity));
    this.nameLength = larger(this.nameLength, new Uint16Array(capacity));
    this.hashes = larger(this.hashes, new Int32Array(capacity));
    this.hashNext = new Int32Array(capacity).fill(NONE);
    this.buckets = new Int32Array(capacity).fill(NONE);
    for (let row = 1; row < this.count; row++) this.chain(row);
  }
}

function larger<T extends Uint8Array | Uint16Array | Uint32Array | Int16Array | Int32Array>(
  from: T,
  to: T,
): T {
  to.set(from);
  return to;
}

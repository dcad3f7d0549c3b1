import * as fs from 'node:fs';
import { byteString, type ByteString } from '../tar/byte-string.js';
import type { DataSink, TarEntry } from '../tar/tar-entry.js';
import { DirectoryTable } from './directory-table.js';
import { fsPath } from './fs-path.js';
import { fsTime } from './fs-time.js';
import { DIRECTORY, NONE, ROOT, type NodeTable } from './node-table.js';
import { treeError } from './tree-error.js';
import type { EntryOrigin, FileMetadata, TreeSink, Written } from './tree-sink.js';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
const createFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

type LinkEntry = Pick<TarEntry, 'linkPath' | 'uid' | 'gid' | 'mtime'>;

/** `keep`: as the image says, which takes root. `mine`: the writer's own. */
export type Owners = 'keep' | 'mine';

/**
 * Puts decided paths on the disk. Every directory on the way to a path was made by this writer and is a directory in
 * the table, so no link is ever followed; files are made new or not at all.
 */
export class TreeWriter implements TreeSink {
  readonly written: Written = {
    files: 0,
    directories: 0,
    symlinks: 0,
    hardLinks: 0,
    bytes: 0,
    reusedFiles: 0,
  };
  readonly directories = new DirectoryTable();
  protected readonly top: ByteString;
  private readonly umask = process.umask();
  private readonly uid = process.geteuid?.() ?? 0;
  private readonly gid = process.getegid?.() ?? 0;
  private lastParent = NONE;
  private lastParentPath = '';

  constructor(
    target: string,
    private readonly owners: Owners,
    protected readonly nodes: NodeTable,
  ) {
    this.top = byteString(target);
    nodes.onDisk[ROOT] = 1;
  }

  /** Where a row is on the disk. */
  diskPath(row: number): ByteString {
    if (row === ROOT) return this.top;
    const parent = this.nodes.parent[row] ?? ROOT;
    if (parent !== this.lastParent) {
      this.lastParentPath = parent === ROOT ? this.top : `${this.top}/${this.nodes.path(parent)}`;
      this.lastParent = parent;
    }
    return `${this.lastParentPath}/${this.nodes.name(row)}`;
  }

  /** Where a row is below the top. */
  treePath(row: number): ByteString {
    return this.nodes.path(row);
  }

  /** Makes a directory and those above it; open for the writer alone until the tree is finished. */
  directory(row: number): void {
    if (this.nodes.onDisk[row] === 1) return;
    this.directory(this.nodes.parent[row] ?? ROOT);
    this.makeDirectory(row, this.diskPath(row));
    this.nodes.onDisk[row] = 1;
    this.written.directories++;
  }

  protected makeDirectory(_row: number, path: ByteString): void {
    this.guard(path, () => fs.mkdirSync(fsPath(path), 0o700));
  }

  file(row: number, entry: TarEntry, { reader }: EntryOrigin): boolean {
    this.create(row, entry, (fd) => this.fill(fd, entry, (sink) => reader.readData(sink)));
    this.written.bytes += entry.stored;
    return true;
  }

  /** A file that comes from no layer. */
  bytes(row: number, bytes: Buffer, metadata: FileMetadata): void {
    this.create(row, metadata, (fd) => writeAll(fd, bytes, 0, bytes.length, null));
    this.written.bytes += bytes.length;
  }

  symlink(row: number, entry: LinkEntry, _origin?: EntryOrigin): void {
    const path = this.prepare(row);
    this.guard(path, () => {
      fs.symlinkSync(fsPath(entry.linkPath), fsPath(path));
      this.linkMetadata(path, entry);
    });
    this.nodes.onDisk[row] = 1;
    this.written.symlinks++;
  }

  takeHardLink(_row: number): boolean {
    return false;
  }

  hardLink(row: number, of: number): void {
    const existing = this.diskPath(of);
    const path = this.prepare(row);
    this.guard(path, () => fs.linkSync(fsPath(existing), fsPath(path)));
    this.nodes.onDisk[row] = 1;
    this.written.hardLinks++;
  }

  /** Makes what a special file needs above it; returns where it is to be. */
  placeSpecial(row: number): ByteString {
    return this.prepare(row);
  }

  specialMade(row: number): void {
    this.nodes.onDisk[row] = 1;
  }

  /** Owner and time of what is neither file nor directory, without following it. */
  linkMetadata(path: ByteString, entry: Pick<TarEntry, 'uid' | 'gid' | 'mtime'>): void {
    if (this.changesOwner(entry)) fs.lchownSync(fsPath(path), entry.uid, entry.gid);
    const time = fsTime(entry.mtime);
    fs.lutimesSync(fsPath(path), time, time);
  }

  remove(row: number): void {
    if (this.nodes.onDisk[row] !== 1) return;
    const path = this.diskPath(row);
    const isDirectory = this.nodes.kind[row] === DIRECTORY;
    this.guard(path, () => {
      if (isDirectory) fs.rmdirSync(fsPath(path));
      else fs.unlinkSync(fsPath(path));
    });
    this.nodes.onDisk[row] = 0;
    this.lastParent = NONE;
    if (isDirectory) this.written.directories--;
  }

  /** Gives directories their mode, owner and time; children come after their parents, so it goes from the end. */
  finishDirectories(): void {
    const { nodes } = this;
    for (let row = 0; row < nodes.count; row++) {
      if (nodes.kind[row] === DIRECTORY) this.directory(row);
    }
    for (let row = nodes.count - 1; row >= ROOT; row--) {
      if (nodes.kind[row] === DIRECTORY) this.finishDirectory(row);
    }
  }

  private finishDirectory(row: number): void {
    const path = this.diskPath(row);
    const metadata = this.directories.get(this.nodes.detail[row] ?? NONE);
    this.guard(path, () => {
      if (this.changesOwner(metadata)) fs.chownSync(fsPath(path), metadata.uid, metadata.gid);
      fs.chmodSync(fsPath(path), metadata.mode);
      const time = fsTime(metadata.mtime);
      fs.utimesSync(fsPath(path), time, time);
    });
  }

  private create(row: number, metadata: FileMetadata, fill: (fd: number) => void): void {
    const path = this.prepare(row);
    const fd = this.guard(path, () => fs.openSync(fsPath(path), createFlags, metadata.mode & 0o777));
    try {
      fill(fd);
      this.fileMetadata(fd, metadata);
    } catch (error) {
      throw treeError(error, path);
    } finally {
      fs.closeSync(fd);
    }
    this.nodes.onDisk[row] = 1;
    this.written.files++;
  }

  /** Makes what is above a row, and sees that nothing is in its place; returns its path. */
  protected prepare(row: number): ByteString {
    this.directory(this.nodes.parent[row] ?? ROOT);
    return this.diskPath(row);
  }

  private fill(fd: number, entry: TarEntry, readData: (sink: DataSink) => void): void {
    if (entry.sparse === undefined) {
      if (entry.stored > 0) readData((buffer, start, length) => writeAll(fd, buffer, start, length, null));
      return;
    }
    readData((buffer, start, length, offset) => writeAll(fd, buffer, start, length, offset));
    fs.ftruncateSync(fd, entry.size);
  }

  private fileMetadata(fd: number, entry: FileMetadata): void {
    const changed = this.changesOwner(entry);
    if (changed) fs.fchownSync(fd, entry.uid, entry.gid);
    // Creating applies the umask and never sets setuid, which a change of owner would take away besides.
    if (changed || (entry.mode & ~0o777) !== 0 || (entry.mode & this.umask) !== 0) {
      fs.fchmodSync(fd, entry.mode);
    }
    const time = fsTime(entry.mtime);
    fs.futimesSync(fd, time, time);
  }

  private changesOwner(entry: Pick<TarEntry, 'uid' | 'gid'>): boolean {
    return this.owners === 'keep' && (entry.uid !== this.uid || entry.gid !== this.gid);
  }

  protected guard<T>(path: ByteString, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw treeError(error, path);
    }
  }
}

function writeAll(fd: number, buffer: Buffer, start: number, length: number, offset: number | null): void {
  let written = 0;
  while (written < length) {
    const position = offset === null ? null : offset + written;
    written += fs.writeSync(fd, buffer, start + written, length - written, position);
  }
}

import type { EntryReader, TarEntry } from '../tar/tar-entry.js';
import type { DirectoryTable } from './directory-table.js';

/** Mode, owner and time of a file; seconds since 1970. */
export type FileMetadata = Pick<TarEntry, 'mode' | 'uid' | 'gid' | 'mtime'>;

/** What was written so far. */
export interface Written {
  files: number;
  directories: number;
  symlinks: number;
  hardLinks: number;
  bytes: number;
  /** Files that were taken from an older tree. */
  reusedFiles: number;
}

/** Which entry of which layer something comes from. */
export interface EntryOrigin {
  readonly layer: number;
  readonly ordinal: number;
  readonly reader: EntryReader;
}

/** Takes what the tree has decided. Rows are those of its table. */
export interface TreeSink {
  readonly written: Written;
  readonly directories: DirectoryTable;
  directory(row: number): void;
  /** False when it cannot stand there yet. */
  file(row: number, entry: TarEntry, origin: EntryOrigin): boolean;
  symlink(row: number, entry: TarEntry, origin: EntryOrigin): void;
  /** Another name for what stands at `of`; a symbolic link is linked itself. */
  hardLink(row: number, of: number): void;
  /** Takes a hard link from where it stands already, whatever it leads to; false when it is to be made. */
  takeHardLink(row: number): boolean;
  /** Takes back what stands at a row; a directory is empty by then. */
  remove(row: number): void;
}

import type { ByteString } from './byte-string.js';

/** What an entry is, by its type flag; `link` is a hard link, which may lead into a layer further down. */
export type TarEntryType = 'file' | 'directory' | 'symlink' | 'link' | 'character' | 'block' | 'fifo';

/** A piece of a sparse file that has data: where it belongs and how long it is, in bytes. */
export interface SparseSegment {
  readonly offset: number;
  readonly length: number;
}

/** Gets an entry's data: `length` bytes of `buffer` from `start` on belong at `offset` of the file. */
export type DataSink = (buffer: Buffer, start: number, length: number, offset: number) => void;

/** Entries in order: `next` for each, then `readData` or not. */
export interface EntryReader {
  /** False where entries are described without their data, and `readData` must not be called. */
  readonly hasData: boolean;
  /** The next entry, undefined at the end. */
  next(): TarEntry | undefined;
  /** Hands on the current entry's data, each piece with its place in the file; holes are left out. */
  readData(sink: DataSink): void;
  /** Reads on to the end: the last bytes may still prove the stream broken. */
  drain(): void;
}

/** One entry of an archive as its headers describe it, with all extensions applied. */
export interface TarEntry {
  readonly type: TarEntryType;
  /** As it is written in the archive: may be absolute, hold `..` or be no UTF-8. Never empty, holds no NUL. */
  readonly path: ByteString;
  /** Target of a symbolic or hard link, as written. Holds no NUL. */
  readonly linkPath: ByteString;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970, may be negative or fractional. */
  readonly mtime: number;
  /** Bytes of the file once extracted; with holes for a sparse one. 0 for all but files. */
  readonly size: number;
  /** Bytes of data that the archive holds for it. */
  readonly stored: number;
  readonly sparse: readonly SparseSegment[] | undefined;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  readonly xattrs: ReadonlyMap<ByteString, ByteString> | undefined;
}

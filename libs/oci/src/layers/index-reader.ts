import { readFileSync } from 'node:fs';
import { temporary } from '#errors';
import type { ByteString } from '../tar/byte-string.js';
import type { EntryReader, TarEntry } from '../tar/tar-entry.js';
import { indexEnd, indexMagic, indexRowBytes, indexTypes } from './index-format.js';

/** Reads an index as if it were the layer, without its data. Throws `layer.index_unusable` for one that is damaged. */
export class IndexReader implements EntryReader {
  readonly hasData = false;
  private readonly bytes: Buffer;
  private at = indexMagic.length;
  private lastPath = '';

  constructor(private readonly path: string) {
    this.bytes = readIndex(path);
    const magic = this.bytes.subarray(0, indexMagic.length);
    if (!magic.equals(indexMagic) || this.bytes.at(-1) !== indexEnd) throw unusable(path);
  }

  next(): TarEntry | undefined {
    if (this.at >= this.bytes.length - 1) return undefined;
    try {
      return this.read();
    } catch (cause) {
      throw unusable(this.path, cause);
    }
  }

  readData(): void {
    throw unusable(this.path);
  }

  drain(): void {
    this.at = this.bytes.length;
  }

  private read(): TarEntry {
    const { bytes, at } = this;
    this.at += indexRowBytes;
    const type = indexTypes[bytes.readUInt8(at)];
    if (type === undefined) throw unusable(this.path);
    const name = this.text(bytes.readUInt32LE(at + 47));
    const path = this.lastPath.slice(0, bytes.readUInt32LE(at + 43)) + name;
    this.lastPath = path;
    return {
      type,
      path,
      mode: bytes.readUInt16LE(at + 1),
      uid: bytes.readUInt32LE(at + 3),
      gid: bytes.readUInt32LE(at + 7),
      mtime: bytes.readDoubleLE(at + 11),
      size: bytes.readDoubleLE(at + 19),
      stored: bytes.readDoubleLE(at + 27),
      deviceMajor: bytes.readUInt32LE(at + 35),
      deviceMinor: bytes.readUInt32LE(at + 39),
      linkPath: this.text(bytes.readUInt32LE(at + 51)),
      xattrs: this.xattrs(bytes.readUInt16LE(at + 55)),
      sparse: undefined,
    };
  }

  private xattrs(count: number): TarEntry['xattrs'] {
    if (count === 0) return undefined;
    const xattrs = new Map<ByteString, ByteString>();
    for (let index = 0; index < count; index++) {
      const key = this.text(this.length());
      xattrs.set(key, this.text(this.length()));
    }
    return xattrs;
  }

  private length(): number {
    this.at += 4;
    return this.bytes.readUInt32LE(this.at - 4);
  }

  private text(length: number): ByteString {
    const start = this.at;
    this.at += length;
    if (this.at > this.bytes.length) throw unusable(this.path);
    return this.bytes.toString('latin1', start, this.at);
  }
}

function readIndex(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** Code of the error that says: do without this index. */
export const indexUnusable = 'layer.index_unusable';

function unusable(path: string, cause?: unknown): Error {
  return temporary(indexUnusable, `the layer index ${path} is damaged`, { cause });
}

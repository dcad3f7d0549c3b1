import { closeSync, openSync, writeSync } from 'node:fs';
import type { ByteString } from '../tar/byte-string.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { indexEnd, indexMagic, indexRowBytes, indexTypes } from './index-format.js';

const bufferBytes = 256 * 1024;

/** Writes what a layer's headers say, without its data, to a new file; what names share with the last is not repeated. */
export class IndexWriter {
  private readonly fd: number;
  private readonly buffer = Buffer.allocUnsafeSlow(bufferBytes);
  private used = 0;
  private lastPath = '';

  constructor(path: string) {
    this.fd = openSync(path, 'wx', 0o600);
    this.used = indexMagic.copy(this.buffer);
  }

  add(entry: TarEntry): void {
    const shared = sharedLength(this.lastPath, entry.path);
    this.lastPath = entry.path;
    const name = entry.path.slice(shared);
    const { buffer } = this;
    let at = this.reserve(indexRowBytes);
    at = buffer.writeUInt8(indexTypes.indexOf(entry.type), at);
    at = buffer.writeUInt16LE(entry.mode, at);
    at = buffer.writeUInt32LE(entry.uid, at);
    at = buffer.writeUInt32LE(entry.gid, at);
    at = buffer.writeDoubleLE(entry.mtime, at);
    at = buffer.writeDoubleLE(entry.size, at);
    at = buffer.writeDoubleLE(entry.stored, at);
    at = buffer.writeUInt32LE(entry.deviceMajor >>> 0, at);
    at = buffer.writeUInt32LE(entry.deviceMinor >>> 0, at);
    at = buffer.writeUInt32LE(shared, at);
    at = buffer.writeUInt32LE(name.length, at);
    at = buffer.writeUInt32LE(entry.linkPath.length, at);
    buffer.writeUInt16LE(entry.xattrs?.size ?? 0, at);
    this.addText(name);
    this.addText(entry.linkPath);
    for (const [key, value] of entry.xattrs ?? []) {
      this.addLength(key.length);
      this.addText(key);
      this.addLength(value.length);
      this.addText(value);
    }
  }

  /** Ends the file. */
  finish(): void {
    this.buffer.writeUInt8(indexEnd, this.reserve(1));
    this.flush();
    this.close();
  }

  close(): void {
    closeSync(this.fd);
  }

  private addLength(length: number): void {
    this.buffer.writeUInt32LE(length, this.reserve(4));
  }

  private addText(text: ByteString): void {
    if (text.length <= bufferBytes) {
      this.buffer.write(text, this.reserve(text.length), 'latin1');
      return;
    }
    this.flush();
    writeAll(this.fd, Buffer.from(text, 'latin1'));
  }

  private reserve(bytes: number): number {
    if (this.used + bytes > bufferBytes) this.flush();
    const at = this.used;
    this.used += bytes;
    return at;
  }

  private flush(): void {
    writeAll(this.fd, this.buffer.subarray(0, this.used));
    this.used = 0;
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(fd, bytes, written);
}

function sharedLength(a: ByteString, b: ByteString): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

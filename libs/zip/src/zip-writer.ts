import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';
import { directoryEnd, directoryHeader, localHeader, type ZipEntry } from './zip-records.js';

/** A file of an archive. */
export interface ZipMember {
  readonly path: string;
  readonly mode: number;
  readonly modified: Date;
}

const copyBytes = 1 << 20;

/** Writes a zip into a file, one member after the other, with nothing of any of them in memory. */
export class ZipWriter {
  private at = 0;
  private readonly written: ZipEntry[] = [];

  constructor(private readonly file: FileHandle) {}

  get entries(): readonly ZipEntry[] {
    return this.written;
  }

  async add(member: ZipMember, content: Readable | Buffer): Promise<void> {
    const isDeflated = !Buffer.isBuffer(content);
    const headerAt = this.at;
    const blank = { ...member, isDeflated, size: 0, packedSize: 0, crc: 0 };
    await this.append(localHeader(blank));
    const dataAt = this.at;
    const { size, crc } = isDeflated ? await this.deflate(content) : await this.keep(content);
    const fields = { ...blank, size, crc, packedSize: this.at - dataAt };
    await this.file.write(localHeader(fields), 0, undefined, headerAt);
    this.written.push({ ...fields, headerAt, dataAt });
  }

  /** Once more, under another name: tar has one file that lies in two places once only. */
  async addAgain(member: ZipMember, path: string): Promise<boolean> {
    const source = this.written.find((entry) => entry.path === path);
    if (!source) return false;
    const headerAt = this.at;
    await this.append(localHeader({ ...source, ...member }));
    const dataAt = this.at;
    const buffer = Buffer.alloc(copyBytes);
    for (let done = 0; done < source.packedSize;) {
      const most = Math.min(copyBytes, source.packedSize - done);
      const { bytesRead } = await this.file.read(buffer, 0, most, source.dataAt + done);
      if (bytesRead === 0) return false;
      await this.append(buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
    this.written.push({ ...source, ...member, headerAt, dataAt });
    return true;
  }

  /** Writes the directory; resolves to the length of the whole. */
  async end(): Promise<number> {
    const directoryAt = this.at;
    for (const entry of this.written) await this.append(directoryHeader(entry));
    await this.append(directoryEnd(this.written.length, directoryAt, this.at - directoryAt));
    await this.file.sync();
    return this.at;
  }

  private async deflate(content: Readable): Promise<{ size: number; crc: number }> {
    let size = 0;
    let crc = 0;
    await pipeline(
      content,
      async function* (pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          size += piece.length;
          crc = crc32(piece, crc);
          yield piece;
        }
      },
      createDeflateRaw({ level: 1 }),
      async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) await this.append(piece);
      },
    );
    return { size, crc };
  }

  private async keep(content: Buffer): Promise<{ size: number; crc: number }> {
    await this.append(content);
    return { size: content.length, crc: crc32(content) };
  }

  private async append(piece: Buffer): Promise<void> {
    const { bytesWritten } = await this.file.write(piece, 0, piece.length, this.at);
    this.at += bytesWritten;
    if (bytesWritten < piece.length) await this.append(piece.subarray(bytesWritten));
  }
}

import { open, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { permanent, temporary, toAppError, type AppError } from '#errors';
import type { BlobCache, BlobLease } from '../blobs/blob-cache.js';

/** How much a `docker save` stream may bring; more is refused while it is read. */
export interface ArchiveLimits {
  /** Bytes of all entries together. */
  readonly bytes: number;
  readonly entries: number;
}

/** As much as the registry source takes of an image, in more files than any image has layers. */
export const defaultArchiveLimits: ArchiveLimits = { bytes: 200e9, entries: 20_000 };

/** Largest JSON document of an archive that is read. */
const maxDocumentBytes = 8 * 1024 * 1024;
const maxLinkHops = 16;

/**
 * What came out of a `docker save` stream: every file's content is in the blob cache, found by its name. Names are keys
 * alone and never become paths, so that no archive can write anywhere.
 */
export class SavedArchive {
  private readonly files = new Map<string, BlobLease & { readonly size: number }>();
  private readonly links = new Map<string, string>();
  private bytes = 0;

  private constructor(
    private readonly cache: BlobCache,
    private readonly limits: ArchiveLimits,
    private readonly onBytes: (bytes: number) => void,
  ) {}

  /** Reads the stream to its end. `docker.invalid_archive` (permanent) for what no engine writes. */
  static async read(
    stream: Readable,
    cache: BlobCache,
    limits: ArchiveLimits,
    onBytes: (bytes: number) => void = () => undefined,
  ): Promise<SavedArchive> {
    const archive = new SavedArchive(cache, limits, onBytes);
    try {
      await archive.take(stream);
      return archive;
    } catch (error) {
      stream.destroy();
      await archive.release();
      throw error;
    }
  }

  /** The blob behind a name, links in the archive followed. */
  blob(name: string): BlobLease & { readonly size: number } {
    let at = keyOf(name);
    for (let hops = 0; hops <= maxLinkHops; hops++) {
      const file = this.files.get(at);
      if (file) return file;
      const target = this.links.get(at);
      if (target === undefined) throw invalid(`${shown(name)} is not in it`);
      at = target;
    }
    throw invalid(`${shown(name)} is a link without end`);
  }

  /** A JSON document by its name. */
  async document(name: string): Promise<Buffer> {
    const { size, path } = this.blob(name);
    if (size > maxDocumentBytes) throw invalid(`${shown(name)} is larger than ${maxDocumentBytes} bytes`);
    return readFile(path);
  }

  /** The first bytes of a blob, which tell how it is compressed. */
  async magic(name: string): Promise<Buffer> {
    const file = await open(this.blob(name).path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** Lets go of every blob. */
  async release(): Promise<void> {
    for (const lease of this.files.values()) await lease.release();
    this.files.clear();
  }

  private async take(stream: Readable): Promise<void> {
    const tar = extract();
    const failed = new Promise<never>((_, reject) => {
      stream.once('error', (cause) => reject(brokenStream(cause)));
      stream.once('close', () => {
        if (!stream.readableEnded) reject(brokenStream(new Error('it ended early')));
      });
    });
    failed.catch((error: Error) => tar.destroy(error));
    stream.pipe(tar);
    await Promise.race([this.entries(tar), failed]);
  }

  private async entries(tar: ReturnType<typeof extract>): Promise<void> {
    let count = 0;
    try {
      for await (const entry of tar) {
        if (++count > this.limits.entries) throw invalid(`it has more than ${this.limits.entries} entries`);
        await this.entry(entry.header, entry as AsyncIterable<Buffer>);
      }
    } catch (error) {
      const known = toAppError(error);
      throw known.code === 'internal.unexpected' ? invalid(known.message) : known;
    }
  }

  private async entry(header: Header, content: AsyncIterable<Buffer>): Promise<void> {
    const name = keyOf(header.name);
    if (header.type === 'link') this.once(name, keyOf(header.linkname));
    if (header.type === 'symlink') this.once(name, keyOf(posix.join(posix.dirname(name), header.linkname)));
    if (header.type !== 'file' && header.type !== 'contiguous-file') {
      for await (const chunk of content) void chunk;
      return;
    }
    this.once(name);
    const { size } = header;
    if (this.bytes + size > this.limits.bytes) throw invalid(`it holds more than ${this.limits.bytes} bytes`);
    const lease = await this.cache.add(size, async (blob) => {
      for await (const chunk of content) {
        await blob.append(chunk);
        this.bytes += chunk.length;
        this.onBytes(this.bytes);
      }
    });
    this.files.set(name, { ...lease, size });
  }

  /** An engine writes each name once; two would leave it to chance which one is meant. */
  private once(name: string, target?: string): void {
    if (this.files.has(name) || this.links.has(name)) throw invalid(`it has ${shown(name)} twice`);
    if (target !== undefined) this.links.set(name, target);
  }
}

const keyOf = (name: string): string => posix.normalize(name).replace(/^\/+/, '').replace(/\/+$/, '');
const shown = (name: string): string => JSON.stringify(name.slice(0, 200));
const invalid = (why: string): AppError =>
  permanent('docker.invalid_archive', `what the engine saved is no image: ${why}`);
const brokenStream = (cause: unknown): AppError =>
  temporary('docker.failed', 'the engine broke off while it was saving the image', { cause });

import { permanent } from '#errors';
import type { ByteSource, ByteWindow } from './byte-source.js';
import { CopyWindow } from './byte-window.js';
import { parsePaxRecords, type PaxRecords } from './pax-records.js';
import { openSparse } from './sparse-data.js';
import { applyExtensions, noExtensions, type Extensions } from './tar-extensions.js';
import type { DataSink, EntryReader, TarEntry } from './tar-entry.js';
import { blockBytes, isZeroBlock, parseHeader, type TarHeader } from './tar-header.js';

/** Longest PAX or long-name header that is taken; Go's archive/tar has the same limit. */
const maxExtensionBytes = 1024 * 1024;

/**
 * A synchronous pull parser for tar: v7, ustar, PAX (with global headers), GNU (long names, base 256, sparse files in
 * all four formats). Call `next` for each entry, then `readData` or not: what is not read is skipped. All errors are
 * permanent AppErrors `layer.*`, besides those of the source.
 */
export class TarReader implements EntryReader {
  readonly hasData = true;
  private readonly window: ByteWindow;
  private global: PaxRecords = [];
  private current: TarEntry | undefined;
  /** Data of the current entry that was not taken yet, and the padding behind it. */
  private unread = 0;
  private padding = 0;

  constructor(source: ByteSource) {
    this.window = source.openWindow?.() ?? new CopyWindow(source);
  }

  next(): TarEntry | undefined {
    this.finishEntry();
    let extensions: Extensions | undefined;
    for (;;) {
      const header = this.nextHeader();
      if (header === undefined) {
        if (extensions !== undefined) throw truncated();
        return undefined;
      }
      if (isExtension(header.flag)) {
        extensions = this.extend(extensions ?? noExtensions, header);
        continue;
      }
      this.current = this.open(header, extensions);
      return this.current;
    }
  }

  readData(sink: DataSink): void {
    const segments = this.current?.sparse ?? [{ offset: 0, length: this.unread }];
    for (const segment of segments) {
      let offset = segment.offset;
      let left = segment.length;
      while (left > 0) {
        const wanted = Math.min(left, this.window.reach);
        if (!this.window.ensure(wanted)) throw truncated();
        const taken = Math.min(left, this.window.available);
        sink(this.window.buffer, this.window.start, taken, offset);
        this.window.start += taken;
        this.unread -= taken;
        offset += taken;
        left -= taken;
      }
    }
  }

  drain(): void {
    while (this.window.ensureSome()) this.window.start += this.window.available;
  }

  private nextHeader(): TarHeader | undefined {
    if (!this.window.ensure(blockBytes)) return this.endWithoutBlock();
    if (!isZeroBlock(this.window.buffer, this.window.start)) {
      const header = parseHeader(this.window.buffer, this.window.start);
      this.window.start += blockBytes;
      return header;
    }
    this.window.start += blockBytes;
    if (!this.window.ensure(blockBytes)) return this.endWithoutBlock();
    if (!isZeroBlock(this.window.buffer, this.window.start)) {
      throw permanent('layer.tar_invalid', 'the tar goes on after a block of zeros');
    }
    // All that may follow is padding.
    return undefined;
  }

  private endWithoutBlock(): undefined {
    for (let at = 0; at < this.window.available; at++) {
      if (this.window.buffer[this.window.start + at] !== 0) throw truncated();
    }
    return undefined;
  }

  private extend(before: Extensions, header: TarHeader): Extensions {
    const bytes = this.takeExtension(header.size);
    const extensions = before === noExtensions ? { ...before, global: this.global } : before;
    switch (header.flag) {
      case 'g': {
        const merged = new Map([...this.global, ...parsePaxRecords(bytes)]);
        let held = 0;
        for (const [key, value] of merged) held += key.length + value.length;
        if (held > maxExtensionBytes) throw extensionTooLarge();
        this.global = [...merged];
        return { ...extensions, global: this.global };
      }
      case 'x':
        return { ...extensions, local: parsePaxRecords(bytes) };
      case 'L':
        return { ...extensions, longName: longText(bytes) };
      case 'K':
        return { ...extensions, longLink: longText(bytes) };
      default:
        // A volume's label names nothing in the tree.
        return extensions;
    }
  }

  private takeExtension(size: number): Buffer {
    if (size < 0 || size > maxExtensionBytes) throw extensionTooLarge();
    const bytes = Buffer.allocUnsafe(size);
    let copied = 0;
    while (copied < size) {
      if (!this.window.ensureSome()) throw truncated();
      const taken = Math.min(size - copied, this.window.available);
      this.window.buffer.copy(bytes, copied, this.window.start, this.window.start + taken);
      this.window.start += taken;
      copied += taken;
    }
    this.skip(paddingOf(size));
    return bytes;
  }

  private open(header: TarHeader, extensions: Extensions | undefined): TarEntry {
    const applied = this.global.length > 0 ? { ...noExtensions, global: this.global } : undefined;
    const { entry, paxSparse } = applyExtensions(header, extensions ?? applied ?? noExtensions);
    this.unread = entry.stored;
    this.padding = paddingOf(entry.stored);
    if (paxSparse === undefined && header.flag !== 'S') return entry;
    const block = this.headerBlock(header);
    return openSparse(entry, paxSparse, block, {
      takeBlock: () => this.takeBlock(),
      dataTaken: (bytes) => {
        this.unread -= bytes;
      },
    });
  }

  /** The block that was just parsed: old sparse headers keep their map in it. */
  private headerBlock(header: TarHeader): Buffer | undefined {
    if (header.flag !== 'S') return undefined;
    return Buffer.from(this.window.buffer.subarray(this.window.start - blockBytes, this.window.start));
  }

  private takeBlock(): Buffer {
    if (!this.window.ensure(blockBytes)) throw truncated();
    const start = this.window.start;
    this.window.start += blockBytes;
    return Buffer.from(this.window.buffer.subarray(start, start + blockBytes));
  }

  private finishEntry(): void {
    this.skip(this.unread);
    // The last entry's padding may be cut off where nothing follows.
    this.skip(this.padding);
    this.unread = 0;
    this.padding = 0;
    this.current = undefined;
  }

  private skip(count: number): void {
    let left = count;
    while (left > 0) {
      if (!this.window.ensureSome()) throw truncated();
      const taken = Math.min(left, this.window.available);
      this.window.start += taken;
      left -= taken;
    }
  }
}

function isExtension(flag: string): boolean {
  return flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K' || flag === 'V';
}

function longText(bytes: Buffer): string {
  // Writers end it with a NUL; one in the middle is kept, to be refused with the name.
  const end = bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
  const name = bytes.toString('latin1', 0, end);
  return name.replace(/\0+$/, '');
}

function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

function truncated(): Error {
  return permanent('layer.truncated', 'the layer ends in the middle of an entry');
}

function extensionTooLarge(): Error {
  return permanent(
    'layer.header_too_large',
    `the layer holds a header of more than ${maxExtensionBytes} bytes`,
  );
}

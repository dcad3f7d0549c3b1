import { type FileHandle, open } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';
import { Readable } from 'node:stream';
import { malformed, Window } from './window.js';
import { most32, type ZipEntry } from './zip-records.js';

/** A file of a zip as the zip's directory has it. */
export type EntryToRead = Omit<ZipEntry, 'dataAt'>;

/** A zip that is read; nothing of it is held but a window. One call at a time. */
export interface ZipSource {
  /** In the order of the directory. As often as one likes. */
  entries(): AsyncGenerator<EntryToRead>;
  /** As it lies there, compressed or not. */
  packed(entry: EntryToRead): AsyncGenerator<Buffer>;
  /** The content of a file, or the target of a link. Its checksum is not looked at. */
  plain(entry: EntryToRead): Readable;
  close(): Promise<void>;
}

/** @throws permanent `zip.malformed` */
export async function openZip(path: string): Promise<ZipSource> {
  const file = await open(path, 'r');
  try {
    return await OpenZip.of(file);
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** A zip that is open only while its entries are gone through: of thousands, one at a time. */
export function zipAt(path: string): ZipSource {
  let current: ZipSource | undefined;
  async function* packed(entry: EntryToRead): AsyncGenerator<Buffer> {
    const zip = current ?? (await openZip(path));
    try {
      yield* zip.packed(entry);
    } finally {
      if (zip !== current) await zip.close();
    }
  }
  return {
    async *entries() {
      const zip = await openZip(path);
      current = zip;
      try {
        yield* zip.entries();
      } finally {
        current = undefined;
        await zip.close();
      }
    },
    packed,
    plain: (entry) => plainOf(entry, packed(entry)),
    close: async () => {},
  };
}

function plainOf(entry: EntryToRead, pieces: AsyncIterable<Buffer>): Readable {
  const packed = Readable.from(pieces);
  if (!entry.isDeflated) return packed;
  const inflating = createInflateRaw();
  packed.on('error', (error) => inflating.destroy(error));
  return packed.pipe(inflating);
}

interface Directory {
  readonly at: number;
  readonly size: number;
  readonly entries: number;
}

const headerBytes = 46;
const endBytes = 22;
const locatorBytes = 20;
const longestComment = 0xffff;
const methods = [0, 8];

class OpenZip implements ZipSource {
  // The directory and the files are read by turns, and neither is to lose its place.
  private readonly files: Window;

  private constructor(
    private readonly file: FileHandle,
    private readonly size: number,
    private readonly directory: Directory,
  ) {
    this.files = new Window(file, size);
  }

  static async of(file: FileHandle): Promise<OpenZip> {
    const { size } = await file.stat();
    return new OpenZip(file, size, await findDirectory(new Window(file, size)));
  }

  async *entries(): AsyncGenerator<EntryToRead> {
    const { at, size, entries } = this.directory;
    const window = new Window(this.file, this.size);
    let next = at;
    for (let read = 0; read < entries; read++) {
      const fixed = await window.read(next, headerBytes);
      if (fixed.readUInt32LE(0) !== 0x02014b50) throw malformed('its directory is damaged');
      const lengths = [28, 30, 32].map((place) => fixed.readUInt16LE(place));
      const whole = headerBytes + lengths.reduce((sum, length) => sum + length, 0);
      if (next + whole > at + size) throw malformed('its directory is longer than it says');
      yield entryOf(await window.read(next, whole));
      next += whole;
    }
  }

  async *packed(entry: EntryToRead): AsyncGenerator<Buffer> {
    const header = await this.files.read(entry.headerAt, 30);
    if (header.readUInt32LE(0) !== 0x04034b50) throw malformed(`${entry.path} does not lie where it should`);
    const dataAt = entry.headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    yield* this.files.stream(dataAt, entry.packedSize);
  }

  plain(entry: EntryToRead): Readable {
    return plainOf(entry, this.packed(entry));
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** PKWARE APPNOTE 4.3.14 to 4.3.16. */
async function findDirectory(window: Window): Promise<Directory> {
  const from = Math.max(0, window.size - endBytes - longestComment);
  const tail = Buffer.from(await window.read(from, window.size - from));
  const place = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (place === -1 || place + endBytes > tail.length) throw malformed('it has no end');
  const short = {
    entries: tail.readUInt16LE(place + 10),
    size: tail.readUInt32LE(place + 12),
    at: tail.readUInt32LE(place + 16),
  };
  const locatorAt = from + place - locatorBytes;
  if (locatorAt < 0) return short;
  const locator = await window.read(locatorAt, locatorBytes);
  if (locator.readUInt32LE(0) !== 0x07064b50) return short;
  const end = await window.read(number(locator, 8), 56);
  if (end.readUInt32LE(0) !== 0x06064b50) throw malformed('its end is damaged');
  return { entries: number(end, 32), size: number(end, 40), at: number(end, 48) };
}

/** 4.3.12; what does not fit into its field is in the extra field of zip64 (4.5.3), in this order. */
function entryOf(header: Buffer): EntryToRead {
  const nameLength = header.readUInt16LE(28);
  const extra = header.subarray(headerBytes + nameLength, headerBytes + nameLength + header.readUInt16LE(30));
  const long = zip64Of(extra);
  const wide = (value: number): number => (value === most32 ? long() : value);
  const size = wide(header.readUInt32LE(24));
  const packedSize = wide(header.readUInt32LE(20));
  const headerAt = wide(header.readUInt32LE(42));
  const method = header.readUInt16LE(10);
  if (header.readUInt16LE(8) & 1 || !methods.includes(method))
    throw malformed('it is packed in a way of its own');
  return {
    path: header.toString('utf8', headerBytes, headerBytes + nameLength),
    size,
    packedSize,
    headerAt,
    isDeflated: method === 8,
    crc: header.readUInt32LE(16),
    mode: header.readUInt32LE(38) >>> 16,
    modified: dateOf(header.readUInt16LE(14), header.readUInt16LE(12)),
  };
}

function zip64Of(extra: Buffer): () => number {
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2);
  let place = at + 4;
  return () => {
    if (place + 8 > extra.length) throw malformed('a size is missing');
    place += 8;
    return number(extra, place - 8);
  };
}

function number(buffer: Buffer, at: number): number {
  const value = buffer.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('a size is beyond all sizes');
  return Number(value);
}

const dateOf = (date: number, time: number): Date =>
  new Date(
    Date.UTC(
      1980 + (date >> 9),
      ((date >> 5) & 15) - 1,
      date & 31,
      time >> 11,
      (time >> 5) & 63,
      (time & 31) * 2,
    ),
  );

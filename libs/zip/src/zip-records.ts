/** One file of a zip: what its headers say, and where its bytes lie. */
export interface ZipEntry {
  /** With "/" and never beginning with one; directories end in "/". */
  readonly path: string;
  readonly size: number;
  readonly packedSize: number;
  readonly crc: number;
  readonly isDeflated: boolean;
  /** Permissions and kind as Unix has them. */
  readonly mode: number;
  readonly modified: Date;
  /** Of its header in the zip. */
  readonly headerAt: number;
  /** Of its bytes in the zip. */
  readonly dataAt: number;
}

type HeaderFields = Omit<ZipEntry, 'dataAt' | 'headerAt'>;

const utf8Names = 0x0800;
/** In a field of 32 bits: the value is in the zip64 field (PKWARE APPNOTE 4.5.3). */
export const most32 = 0xffffffff;
const madeByUnix = 3 << 8;
const versionNeeded = 45;

/** PKWARE APPNOTE 4.3.7, with the sizes in a zip64 field always: they are not known when it is first written. */
export function localHeader(entry: HeaderFields): Buffer {
  const name = Buffer.from(entry.path);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(versionNeeded, 4);
  common(entry).copy(header, 6);
  header.writeUInt32LE(most32, 18);
  header.writeUInt32LE(most32, 22);
  header.writeUInt16LE(name.length, 26);
  const extra = zip64([entry.size, entry.packedSize]);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

/** 4.3.12. */
export function directoryHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.path);
  const extra = zip64([entry.size, entry.packedSize, entry.headerAt]);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(madeByUnix | versionNeeded, 4);
  header.writeUInt16LE(versionNeeded, 6);
  common(entry).copy(header, 8);
  header.writeUInt32LE(most32, 20);
  header.writeUInt32LE(most32, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE((entry.mode << 16) >>> 0, 38);
  header.writeUInt32LE(most32, 42);
  return Buffer.concat([header, name, extra]);
}

/** 4.3.14 to 4.3.16: the end, in its long form and then in its short one. */
export function directoryEnd(entries: number, at: number, size: number): Buffer {
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE(madeByUnix | versionNeeded, 12);
  end64.writeUInt16LE(versionNeeded, 14);
  end64.writeBigUInt64LE(BigInt(entries), 24);
  end64.writeBigUInt64LE(BigInt(entries), 32);
  end64.writeBigUInt64LE(BigInt(size), 40);
  end64.writeBigUInt64LE(BigInt(at), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(at + size), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entries, 0xffff), 8);
  end.writeUInt16LE(Math.min(entries, 0xffff), 10);
  end.writeUInt32LE(Math.min(size, most32), 12);
  end.writeUInt32LE(Math.min(at, most32), 16);
  return Buffer.concat([end64, locator, end]);
}

/** Flags, method, time, date and checksum: the same bytes in both headers. */
function common({ isDeflated, modified, crc }: HeaderFields): Buffer {
  const fields = Buffer.alloc(12);
  fields.writeUInt16LE(utf8Names, 0);
  fields.writeUInt16LE(isDeflated ? 8 : 0, 2);
  const year = Math.min(Math.max(modified.getUTCFullYear(), 1980), 2107);
  const time =
    (modified.getUTCHours() << 11) | (modified.getUTCMinutes() << 5) | (modified.getUTCSeconds() >> 1);
  fields.writeUInt16LE(time, 4);
  fields.writeUInt16LE(((year - 1980) << 9) | ((modified.getUTCMonth() + 1) << 5) | modified.getUTCDate(), 6);
  fields.writeUInt32LE(crc, 8);
  return fields;
}

function zip64(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return field;
}

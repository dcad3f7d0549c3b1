/** Writes any archive that a test wants, malformed ones too: nothing is checked and nothing corrected. */
export interface EntryOptions {
  /** One character for each byte. */
  readonly name: string;
  /** The type flag; `0` (a file) unless told. */
  readonly type?: string;
  readonly data?: string | Buffer;
  readonly linkName?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  /** What the header says instead of the data's length. */
  readonly size?: number;
  readonly device?: readonly [major: number, minor: number];
  /** `ustar\0` and version (POSIX) unless told; `ustar  \0` for GNU, empty for v7. */
  readonly magic?: string;
  readonly prefix?: string;
  /** Records of a PAX header before the entry. */
  readonly pax?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  /** Bytes put over the header last, before its checksum is made. */
  readonly patch?: readonly (readonly [offset: number, bytes: string | Buffer])[];
  /** `signed`: summed as old tars did; `wrong`: no sum at all. */
  readonly checksum?: 'unsigned' | 'signed' | 'wrong';
}

const blockBytes = 512;

/** The end of an archive. */
export const endOfArchive = Buffer.alloc(2 * blockBytes);

/** An archive of entries, with its end. */
export function archive(...entries: readonly (EntryOptions | Buffer)[]): Buffer {
  return Buffer.concat([
    ...entries.map((item) => (Buffer.isBuffer(item) ? item : entry(item))),
    endOfArchive,
  ]);
}

/** One entry: PAX header if asked for, header, data, padding. */
export function entry(options: EntryOptions): Buffer {
  const data = bytesOf(options.data ?? '');
  const parts = [header(options, options.size ?? data.length), padded(data)];
  if (options.pax !== undefined) parts.unshift(paxHeader(options.pax));
  return Buffer.concat(parts);
}

/** A PAX header; `g` makes it global. */
export function paxHeader(records: NonNullable<EntryOptions['pax']>, type = 'x'): Buffer {
  const pairs = Array.isArray(records) ? records : Object.entries(records);
  const data = Buffer.from(pairs.map(([key, value]) => paxRecord(key, value)).join(''), 'latin1');
  return Buffer.concat([header({ name: 'pax', type }, data.length), padded(data)]);
}

/** GNU's header for a name (`L`) or link (`K`) that is too long for its field. */
export function gnuLong(type: 'L' | 'K', name: string): Buffer {
  const data = Buffer.from(`${name}\0`, 'latin1');
  return Buffer.concat([
    header({ name: '././@LongLink', type, magic: 'ustar  \0' }, data.length),
    padded(data),
  ]);
}

/** A number in base 256, as GNU writes what octal cannot hold. */
export function base256(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length, value < 0 ? 0xff : 0);
  let left = BigInt(value);
  for (let at = length - 1; at > 0; at--) {
    bytes[at] = Number(BigInt.asUintN(8, left));
    left >>= 8n;
  }
  bytes[0] = value < 0 ? 0xff : 0x80;
  return bytes;
}

/** Data filled up to whole blocks. */
export function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((blockBytes - (data.length % blockBytes)) % blockBytes)]);
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

function header(options: EntryOptions, size: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(options.name.slice(0, 100), 0, 'latin1');
  number(block, 100, 8, options.mode ?? (options.type === '5' ? 0o755 : 0o644));
  number(block, 108, 8, options.uid ?? 0);
  number(block, 116, 8, options.gid ?? 0);
  number(block, 124, 12, size);
  number(block, 136, 12, options.mtime ?? 1_700_000_000);
  block.write(options.type ?? '0', 156, 'latin1');
  block.write((options.linkName ?? '').slice(0, 100), 157, 'latin1');
  block.write(options.magic ?? 'ustar\x0000', 257, 'latin1');
  if (options.device !== undefined) {
    number(block, 329, 8, options.device[0]);
    number(block, 337, 8, options.device[1]);
  }
  if (options.prefix !== undefined) block.write(options.prefix, 345, 'latin1');
  for (const [offset, bytes] of options.patch ?? []) bytesOf(bytes).copy(block, offset);
  writeChecksum(block, options.checksum ?? 'unsigned');
  return block;
}

function writeChecksum(block: Buffer, kind: NonNullable<EntryOptions['checksum']>): void {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += kind === 'signed' && byte >= 0x80 ? byte - 256 : byte;
  if (kind === 'wrong') sum += 1;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

function number(block: Buffer, offset: number, length: number, value: number): void {
  if (value >= 0 && value < 8 ** (length - 1)) {
    block.write(value.toString(8).padStart(length - 1, '0'), offset, 'latin1');
  } else {
    base256(value, length).copy(block, offset);
  }
}

function bytesOf(data: string | Buffer): Buffer {
  return typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
}

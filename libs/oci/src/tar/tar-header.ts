import { permanent } from '#errors';
import type { ByteString } from './byte-string.js';
import { readNumber } from './tar-number.js';

/** Headers are one block, and data is filled up to whole ones (POSIX ustar). */
export const blockBytes = 512;

/** One header block, before extensions are applied. */
export interface TarHeader {
  readonly path: ByteString;
  readonly linkPath: ByteString;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  /** The type flag's character; `\0` in old archives. */
  readonly flag: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
}

/** Reads the block at `start`; throws `layer.tar_invalid` when its checksum or a number is wrong. */
export function parseHeader(buffer: Buffer, start: number): TarHeader {
  const block = buffer.subarray(start, start + blockBytes);
  verifyChecksum(block);
  const magic = block.toString('latin1', 257, 263);
  const posix = magic === 'ustar\0';
  const known = posix || magic === 'ustar ';
  const name = text(block, 0, 100);
  // GNU archives keep times and sparse maps where POSIX has the prefix.
  const prefix = posix && block[345] !== 0 ? text(block, 345, 155) : '';
  const flag = String.fromCharCode(block[156] ?? 0);
  const device = known && (flag === '3' || flag === '4');
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    linkPath: text(block, 157, 100),
    mode: readNumber(block, 100, 8, 'mode') & 0o7777,
    uid: readNumber(block, 108, 8, 'uid'),
    gid: readNumber(block, 116, 8, 'gid'),
    size: readNumber(block, 124, 12, 'size'),
    mtime: readNumber(block, 136, 12, 'mtime'),
    flag,
    deviceMajor: device ? readNumber(block, 329, 8, 'device major') : 0,
    deviceMinor: device ? readNumber(block, 337, 8, 'device minor') : 0,
  };
}

/** Whether a block holds zeros alone: two of them end an archive. */
export function isZeroBlock(buffer: Buffer, start: number): boolean {
  for (let position = start; position < start + blockBytes; position++) {
    if (buffer[position] !== 0) return false;
  }
  return true;
}

/** A field up to its first NUL. */
export function text(block: Buffer, offset: number, length: number): ByteString {
  const nul = block.indexOf(0, offset);
  const end = nul < 0 || nul > offset + length ? offset + length : nul;
  return block.toString('latin1', offset, end);
}

function verifyChecksum(block: Buffer): void {
  // Old tars summed signed characters: both sums are accepted, as everybody does.
  let unsigned = 8 * 0x20;
  let high = 0;
  for (let position = 0; position < blockBytes; position++) {
    if (position === 148) position = 156;
    const byte = block[position] ?? 0;
    unsigned += byte;
    if (byte >= 0x80) high++;
  }
  const stated = readNumber(block, 148, 8, 'checksum');
  if (stated !== unsigned && stated !== unsigned - high * 256) {
    throw permanent('layer.tar_invalid', 'a tar header has a wrong checksum');
  }
}

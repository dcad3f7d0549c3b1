import { permanent } from '#errors';
import type { ByteString } from './byte-string.js';

/** Records of one PAX header in order: keywords may repeat (GNU sparse 0.0 does). An empty value unsets a keyword. */
export type PaxRecords = readonly (readonly [key: ByteString, value: ByteString])[];

/** `length keyword=value\n`, repeated (POSIX.1-2001 pax). Throws `layer.tar_invalid`. */
export function parsePaxRecords(bytes: Buffer): PaxRecords {
  const records: [ByteString, ByteString][] = [];
  let position = 0;
  while (position < bytes.length) {
    // Some writers pad the records with NULs.
    if (bytes[position] === 0) break;
    const space = bytes.indexOf(0x20, position);
    const digits = space < 0 ? '' : bytes.toString('latin1', position, space);
    const end = /^[0-9]{1,10}$/.test(digits) ? position + Number(digits) : 0;
    const equals = bytes.indexOf(0x3d, space);
    if (end <= space || end > bytes.length || bytes[end - 1] !== 0x0a) throw badRecord();
    if (equals < 0 || equals >= end) throw badRecord();
    records.push([
      bytes.toString('latin1', space + 1, equals),
      bytes.toString('latin1', equals + 1, end - 1),
    ]);
    position = end;
  }
  return records;
}

/** A whole number as PAX writes it. Throws `layer.tar_invalid`. */
export function paxInteger(key: string, value: string): number {
  const number = /^-?[0-9]{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw badValue(key);
  return number;
}

/** Seconds with an optional fraction and sign as PAX writes them. Throws `layer.tar_invalid`. */
export function paxTime(key: string, value: string): number {
  if (!/^-?[0-9]{1,20}(\.[0-9]*)?$/.test(value)) throw badValue(key);
  return Number(value);
}

function badRecord(): Error {
  return permanent('layer.tar_invalid', 'a PAX header holds a malformed record');
}

function badValue(key: string): Error {
  return permanent('layer.tar_invalid', `the PAX keyword ${JSON.stringify(key)} has no valid value`);
}

import { permanent } from '#errors';
import type { PaxRecords } from './pax-records.js';
import { paxInteger } from './pax-records.js';
import type { SparseSegment } from './tar-entry.js';
import { readNumber } from './tar-number.js';

/** Pieces that a hostile map may claim at most; each costs memory. */
export const maxSparseSegments = 262_144;

/** What the PAX keywords `GNU.sparse.*` say. */
export interface PaxSparse {
  /** Map kept in the PAX records (formats 0.0 and 0.1); undefined when the data begins with it (1.0). */
  readonly segments: readonly SparseSegment[] | undefined;
  readonly realSize: number;
  readonly name: string | undefined;
}

/** Reads GNU sparse formats 0.0, 0.1 and 1.0 from PAX records; undefined when the file is not sparse. */
export function paxSparse(records: PaxRecords): PaxSparse | undefined {
  const last = new Map(records);
  const size = last.get('GNU.sparse.realsize') ?? last.get('GNU.sparse.size');
  if (size === undefined) return undefined;
  const realSize = paxInteger('GNU.sparse.size', size);
  const name = last.get('GNU.sparse.name');
  if (last.get('GNU.sparse.major') === '1') return { segments: undefined, realSize, name };
  const map = last.get('GNU.sparse.map');
  const numbers = map === undefined ? pairsOf(records) : map.split(',').filter((n) => n !== '');
  return { segments: segmentsOf(numbers), realSize, name };
}

function pairsOf(records: PaxRecords): string[] {
  const keys = new Set(['GNU.sparse.offset', 'GNU.sparse.numbytes']);
  return records.filter(([key]) => keys.has(key)).map(([, value]) => value);
}

/** Offsets and lengths in turn, as decimal numbers. */
export function segmentsOf(numbers: readonly string[]): SparseSegment[] {
  if (numbers.length % 2 !== 0 || numbers.length > 2 * maxSparseSegments) throw badMap();
  const segments: SparseSegment[] = [];
  for (let index = 0; index < numbers.length; index += 2) {
    segments.push({
      offset: paxInteger('GNU.sparse.offset', numbers[index] ?? ''),
      length: paxInteger('GNU.sparse.numbytes', numbers[index + 1] ?? ''),
    });
  }
  return segments;
}

/** Segments of an old GNU sparse header (type `S`): `count` of them from `offset` on; an empty one ends them. */
export function gnuSegments(block: Buffer, offset: number, count: number): SparseSegment[] {
  const segments: SparseSegment[] = [];
  for (let at = offset; at < offset + count * 24; at += 24) {
    if (block[at] === 0 && block[at + 12] === 0) break;
    segments.push({
      offset: readNumber(block, at, 12, 'sparse offset'),
      length: readNumber(block, at + 12, 12, 'sparse length'),
    });
  }
  return segments;
}

/** In order, apart, within the file, and as long together as the data: anything else is malformed. */
export function verifySegments(segments: readonly SparseSegment[], realSize: number, stored: number): void {
  let end = 0;
  let sum = 0;
  for (const { offset, length } of segments) {
    if (offset < end || length < 0) throw badMap();
    end = offset + length;
    sum += length;
  }
  if (end > realSize || sum !== stored) throw badMap();
}

function badMap(): Error {
  return permanent('layer.tar_invalid', 'the map of a sparse file contradicts itself');
}

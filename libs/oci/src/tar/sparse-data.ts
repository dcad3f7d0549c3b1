import { permanent } from '#errors';
import { gnuSegments, maxSparseSegments, segmentsOf, verifySegments, type PaxSparse } from './sparse-map.js';
import type { SparseSegment, TarEntry } from './tar-entry.js';
import { blockBytes } from './tar-header.js';
import { readNumber } from './tar-number.js';

/** The parser's side of reading a map that is kept between the header and the data. */
export interface BlockReader {
  readonly takeBlock: () => Buffer;
  /** Tells that so many bytes of the entry's data were taken. */
  readonly dataTaken: (bytes: number) => void;
}

/** Completes a sparse file's entry: its map and its size with holes. Throws `layer.tar_invalid`. */
export function openSparse(
  entry: TarEntry,
  pax: PaxSparse | undefined,
  gnuBlock: Buffer | undefined,
  reader: BlockReader,
): TarEntry {
  if (gnuBlock !== undefined) {
    const realSize = readNumber(gnuBlock, 483, 12, 'real size');
    return sparseEntry(entry, gnuMap(gnuBlock, reader), realSize, entry.stored);
  }
  if (pax?.segments !== undefined) {
    return sparseEntry(entry, pax.segments, pax.realSize, entry.stored);
  }
  const { segments, blocks } = leadingMap(entry.stored, reader);
  const stored = entry.stored - blocks * blockBytes;
  return sparseEntry(entry, segments, pax?.realSize ?? 0, stored);
}

function sparseEntry(
  entry: TarEntry,
  segments: readonly SparseSegment[],
  realSize: number,
  stored: number,
): TarEntry {
  verifySegments(segments, realSize, stored);
  return { ...entry, size: realSize, sparse: segments, stored };
}

/** Old GNU format: four segments in the header, more in blocks behind it. */
function gnuMap(header: Buffer, reader: BlockReader): SparseSegment[] {
  const segments = gnuSegments(header, 386, 4);
  let more = header[482] !== 0;
  while (more) {
    if (segments.length > maxSparseSegments) throw tooManySegments();
    const block = reader.takeBlock();
    segments.push(...gnuSegments(block, 0, 21));
    more = block[504] !== 0;
  }
  return segments;
}

/** PAX format 1.0: the data begins with the map in decimal lines, padded to whole blocks. */
function leadingMap(stored: number, reader: BlockReader): { segments: SparseSegment[]; blocks: number } {
  const numbers: string[] = [];
  let wanted = 1;
  let line = '';
  let blocks = 0;
  while (numbers.length < wanted) {
    if ((blocks + 1) * blockBytes > stored) throw mapTooLong();
    const block = reader.takeBlock().toString('latin1');
    reader.dataTaken(blockBytes);
    blocks++;
    const lines = (line + block).split('\n');
    line = lines.pop() ?? '';
    if (line.length > 2 * blockBytes) throw mapTooLong();
    for (const number of lines) {
      if (numbers.length === wanted) break;
      numbers.push(number);
      if (numbers.length === 1) wanted = 1 + 2 * segmentCount(number);
    }
  }
  return { segments: segmentsOf(numbers.slice(1)), blocks };
}

function segmentCount(text: string): number {
  const count = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(count)) throw mapTooLong();
  if (count > maxSparseSegments) throw tooManySegments();
  return count;
}

function mapTooLong(): Error {
  return permanent('layer.tar_invalid', "a sparse file's map is malformed");
}

function tooManySegments(): Error {
  return permanent('layer.tar_invalid', 'a sparse file has too many pieces');
}

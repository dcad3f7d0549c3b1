import { bytesOf } from '../tar/byte-source.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { TarReader } from '../tar/tar-reader.js';
import { archive, type EntryOptions } from './tar-archive.js';

/** An entry with its data, one character for each byte; holes of sparse files are dots. */
export type Read = TarEntry & { data: string };

/** Reads all, cut into pieces of `step` bytes as a stream may be. */
export function read(bytes: Buffer, step?: number): Read[] {
  const reader = new TarReader(bytesOf(bytes, step));
  const found: Read[] = [];
  for (let item = reader.next(); item !== undefined; item = reader.next()) {
    const data = Buffer.alloc(Math.min(item.size, 1e6), '.');
    reader.readData((buffer, start, length, offset) => {
      buffer.copy(data, offset, start, start + length);
    });
    found.push({ ...item, data: data.toString('latin1') });
  }
  reader.drain();
  return found;
}

/** The first entry of an archive of one, after what stands before. */
export const one = (options: EntryOptions, ...before: Buffer[]): Read | undefined =>
  read(archive(...before, options))[0];

/** What reading throws, if anything. */
export const failure = (bytes: Buffer): unknown => {
  try {
    read(bytes);
  } catch (error) {
    return error;
  }
  return undefined;
};

/** For `toEqual`: an AppError with this code that trying again will not cure. */
export const permanentError = (code: string): object =>
  expect.objectContaining({ code, temporary: false }) as object;

import type { TarEntryType } from '../tar/tar-entry.js';

/** Begins every index; its number changes with the format, so that old files are made anew. */
export const indexMagic = Buffer.from('slipway layer index 1\n');

/** Ends every index: a file without it was not finished. */
export const indexEnd = 0xff;

/** An entry's type as its place in this list. */
export const indexTypes: readonly TarEntryType[] = [
  'file',
  'directory',
  'symlink',
  'link',
  'character',
  'block',
  'fifo',
];

/** Bytes of an entry's numbers: type, mode, owners, time, sizes, device, and four lengths. */
export const indexRowBytes = 1 + 2 + 4 + 4 + 8 + 8 + 8 + 4 + 4 + 4 + 4 + 4 + 2;

import { permanent } from '#errors';
import { showBytes, type ByteString } from '../tar/byte-string.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { judgeNames } from './entry-names.js';
import { entryPath } from './entry-path.js';
import type { TreeLimits } from './limits.js';

/** What a layer's entry may mean to a tree. Paths are components from the top. */
export interface EntryVisitor {
  whiteOut(parts: readonly ByteString[]): void;
  makeOpaque(parts: readonly ByteString[]): void;
  leaveOut(reason: string): void;
  place(entry: TarEntry, parts: readonly ByteString[]): void;
}

/** Tells the visitor what an entry means. Throws for names that are absolute, invalid or beyond the limits. */
export function visitEntry(entry: TarEntry, limits: TreeLimits, visitor: EntryVisitor): void {
  const parts = entryPath(entry.path, limits);
  // `/` alone is how some builders write the top; any other absolute name was not meant for a tree.
  if (entry.path.startsWith('/') && parts.length > 0) throw absoluteName(entry.path);
  const verdict = judgeNames(parts);
  switch (verdict.kind) {
    case 'whiteout':
      return visitor.whiteOut([...parts.slice(0, -1), verdict.hides]);
    case 'opaque':
      return visitor.makeOpaque(parts.slice(0, -1));
    case 'left-out':
      return visitor.leaveOut(verdict.reason);
    case 'entry':
      return visitor.place(entry, parts);
  }
}

function absoluteName(path: ByteString): Error {
  return permanent('layer.absolute_name', `the name ${showBytes(path)} is absolute`);
}

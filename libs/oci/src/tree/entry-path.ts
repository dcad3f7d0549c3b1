import { permanent } from '#errors';
import { showBytes, type ByteString } from '../tar/byte-string.js';
import type { TreeLimits } from './limits.js';

/**
 * The components of a name from an archive, read as engines do: from the tree's top, whether it begins with `/` or
 * not; `.` and empty components count for nothing; `..` takes one back. Empty for the top itself. Throws
 * `layer.path_escapes` when `..` leads above the top, and for what is too long or too deep.
 */
export function entryPath(
  path: ByteString,
  limits: Pick<TreeLimits, 'depth' | 'nameBytes' | 'pathBytes'>,
): ByteString[] {
  const parts: ByteString[] = [];
  let length = 0;
  let start = 0;
  while (start <= path.length) {
    const slash = path.indexOf('/', start);
    const end = slash < 0 ? path.length : slash;
    const part = path.slice(start, end);
    start = end + 1;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      const left = parts.pop();
      if (left === undefined) throw escapes(path);
      length -= left.length + 1;
      continue;
    }
    if (part.length > limits.nameBytes) throw nameTooLong(path, limits.nameBytes);
    length += part.length + 1;
    parts.push(part);
  }
  if (parts.length > limits.depth) throw tooDeep(path, limits.depth);
  if (length > limits.pathBytes) throw pathTooLong(path, limits.pathBytes);
  return parts;
}

function escapes(path: ByteString): Error {
  return permanent('layer.path_escapes', `the name ${showBytes(path)} leads out of the tree`);
}

function nameTooLong(path: ByteString, limit: number): Error {
  return permanent('layer.name_too_long', `a component of ${showBytes(path)} is longer than ${limit} bytes`);
}

function tooDeep(path: ByteString, limit: number): Error {
  return permanent('layer.path_too_deep', `${showBytes(path)} is deeper than ${limit} directories`);
}

function pathTooLong(path: ByteString, limit: number): Error {
  return permanent('layer.path_too_long', `${showBytes(path)} is longer than ${limit} bytes`);
}

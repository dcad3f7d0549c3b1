import { posix } from 'node:path';
import { permanent } from '#errors';

/** Names below which the drivers keep their own things: no content. */
export const ownDirectory = '.slipway';

const segmentPattern = /^[A-Za-z0-9._@:+-]{1,255}$/;
const longestPath = 2048;

/**
 * Checks a path in the repository and returns it. The allowed characters are those that may reach `cvmfs_server`,
 * whose scripts hand some values to a shell; names that CVMFS takes for an order are refused too.
 */
export function repositoryPath(relative: string): string {
  if (relative.length > longestPath) throw refused(relative, `it is longer than ${longestPath} characters`);
  const segments = relative.split('/');
  segments.forEach((segment, depth) => {
    const fault = faultOf(segment, depth);
    if (fault !== undefined) throw refused(relative, fault);
  });
  return relative;
}

function faultOf(segment: string, depth: number): string | undefined {
  if (segment === '') return 'it is empty, absolute, or has an empty segment';
  if (segment === '.' || segment === '..') return `it has the segment "${segment}"`;
  if (!segmentPattern.test(segment))
    return 'only A-Z a-z 0-9 . _ @ : + - are allowed, 255 characters a segment';
  if (depth === 0 && segment === ownDirectory) return `${ownDirectory} is the publisher's own`;
  if (isOrderToCvmfs(segment, depth)) return `CVMFS takes the name ${segment} for an order`;
  return undefined;
}

/**
 * Names that make CVMFS delete, graft or refuse instead of store. `.cvmfscatalog` below the root is wanted: it makes
 * its directory a nested catalog (as long as it is a regular file, which the caller checks).
 */
export function isOrderToCvmfs(name: string, depth: number): boolean {
  if (name.startsWith('.wh.') || name.startsWith('.cvmfsgraft-')) return true;
  if (name === '.cvmfsbundles' && depth > 0) return true;
  return depth === 0 && (name === '.cvmfscatalog' || name === '.cvmfs');
}

/** The text of a symbolic link at `relative` to `target`, both paths in the repository: holds wherever it is mounted. */
export function linkText(relative: string, target: string): string {
  return posix.relative(posix.dirname(repositoryPath(relative)), repositoryPath(target));
}

/** The error for a path that is not, or leads where it must not. */
export function refused(relative: string, why: string): Error {
  const shown = JSON.stringify(relative.length > 200 ? `${relative.slice(0, 200)}…` : relative);
  return permanent('cvmfs.path_refused', `The path ${shown} is refused: ${why}.`);
}

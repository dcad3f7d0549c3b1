import { chmodSync, lstatSync, mkdirSync, renameSync, rmdirSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { refused } from './repository-path.js';

/** What is at the path itself, links not followed; undefined when nothing is. */
export function entryAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/**
 * Absolute path of `relative` below `root`, whose parents are made where missing. Each parent must be a directory and
 * no link: content may hold links to anywhere, and a write through one would leave the repository.
 */
export function placeFor(root: string, relative: string): string {
  walkParents(root, relative, (parent) => {
    mkdirSync(parent);
    // Readers are other people: the publisher's umask must not shut them out.
    chmodSync(parent, 0o755);
    return true;
  });
  return join(root, relative);
}

/** Like `placeFor` but changes nothing: undefined when nothing is at `relative`. */
export function existing(root: string, relative: string): Stats | undefined {
  const complete = walkParents(root, relative, () => false);
  return complete ? entryAt(join(root, relative)) : undefined;
}

function walkParents(root: string, relative: string, onMissing: (path: string) => boolean): boolean {
  let path = root;
  for (const segment of relative.split('/').slice(0, -1)) {
    path = join(path, segment);
    const entry = entryAt(path);
    if (entry === undefined) {
      if (!onMissing(path)) return false;
    } else if (!entry.isDirectory()) {
      throw refused(relative, `${segment} in it is no directory`);
    }
  }
  return true;
}

/** Removes the parents of `relative` that have become empty, up to the root. */
export function pruneEmptyParents(root: string, relative: string): void {
  for (let parent = dirname(relative); parent !== '.'; parent = dirname(parent)) {
    try {
      rmdirSync(join(root, parent));
    } catch {
      return;
    }
  }
}

/**
 * Renames `from` into the directory of `to`. Without write permission on a directory its owner cannot move it
 * elsewhere, and images bring such roots (0555): a directory's mode is widened for the move and is then `mode`.
 */
export function moveEntry(from: string, to: string, mode: number | undefined): void {
  if (mode !== undefined) chmodSync(from, mode | 0o700);
  renameSync(from, to);
  if (mode !== undefined) chmodSync(to, mode);
}

/** The mode of a directory, for `moveEntry`; undefined for anything else: a link's target is not to be touched. */
export function directoryMode(entry: Stats | undefined): number | undefined {
  return entry?.isDirectory() === true ? entry.mode & 0o7777 : undefined;
}

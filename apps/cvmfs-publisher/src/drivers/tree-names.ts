import { chmodSync, type Dirent, lstatSync, readdirSync } from 'node:fs';
import { setImmediate as othersFirst } from 'node:timers/promises';
import { permanent } from '#errors';
import { isOrderToCvmfs } from './paths/repository-path.js';

const slash = Buffer.from('/');
const dot = 0x2e;
/** Read at a stretch, a few milliseconds' worth: with a promise for each directory it takes three times as long. */
const directoriesAtOnce = 32;

/**
 * Throws the permanent error `cvmfs.name_refused` when a tree holds a name that CVMFS would take for an order: a
 * `.wh.passwd` would delete `passwd`, a `.cvmfsgraft-x` would bring in content by its hash alone. What unpacks images
 * leaves such names out; this is the last look before they could do harm. No link is followed.
 */
export async function checkNames(tree: string): Promise<void> {
  const waiting: Buffer[] = [Buffer.from(tree)];
  for (let read = 1; ; read += 1) {
    const path = waiting.pop();
    if (path === undefined) return;
    for (const entry of entriesOf(path)) {
      if (entry.name[0] === dot) checkName(entry);
      if (entry.isDirectory()) waiting.push(Buffer.concat([path, slash, entry.name]));
    }
    if (read % directoriesAtOnce === 0) await othersFirst();
  }
}

function checkName(entry: Dirent<Buffer>): void {
  // Names in an image are bytes, not always UTF-8.
  const name = entry.name.toString('latin1');
  if (isOrderToCvmfs(name, 1) || (name === '.cvmfscatalog' && !entry.isFile())) {
    throw permanent(
      'cvmfs.name_refused',
      `The tree holds the name ${JSON.stringify(name)}, an order to CVMFS.`,
    );
  }
}

function entriesOf(path: Buffer): Dirent<Buffer>[] {
  const list = () => readdirSync(path, { encoding: 'buffer', withFileTypes: true });
  try {
    return list();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    // An image may bring directories that not even their owner can read.
    const { mode } = lstatSync(path);
    chmodSync(path, 0o700);
    const entries = list();
    chmodSync(path, mode & 0o7777);
    return entries;
  }
}

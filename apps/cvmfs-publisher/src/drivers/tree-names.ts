import { chmod, lstat, readdir } from 'node:fs/promises';
import { permanent } from '#errors';
import { isOrderToCvmfs } from './paths/repository-path.js';

const SLASH = Buffer.from('/');

/**
 * Throws the permanent error `cvmfs.name_refused` when a tree holds a name that CVMFS would take for an order: a
 * `.wh.passwd` would delete `passwd`, a `.cvmfsgraft-x` would bring in content by its hash alone. What unpacks images
 * leaves such names out; this is the last look before they could do harm. No link is followed.
 */
export async function checkNames(tree: string): Promise<void> {
  const waiting: Buffer[] = [Buffer.from(tree)];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const entry of await entriesOf(path)) {
      const text = entry.name.toString('latin1');
      if (isOrderToCvmfs(text, 1) || (text === '.cvmfscatalog' && !entry.isFile())) {
        throw permanent(
          'cvmfs.name_refused',
          `The tree holds the name ${JSON.stringify(text)}, an order to CVMFS.`,
        );
      }
      if (entry.isDirectory()) waiting.push(Buffer.concat([path, SLASH, entry.name]));
    }
  }
}

async function entriesOf(path: Buffer) {
  // Names in an image are bytes, not always UTF-8.
  const list = () => readdir(path, { encoding: 'buffer', withFileTypes: true });
  try {
    return await list();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    // An image may bring directories that not even their owner can read.
    const { mode } = await lstat(path);
    await chmod(path, 0o700);
    const entries = await list();
    await chmod(path, mode & 0o7777);
    return entries;
  }
}

import { lstat, mkdir, readdir } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { permanent, temporary } from '#errors';
import { discardTree } from './discard-tree.js';

/** Makes sure of a tree's directory: empty, or with a copy in it where one is expected. Throws `tree.target_*`. */
export async function prepareTarget(target: string, holdsCopy: boolean): Promise<void> {
  if (!isAbsolute(target)) {
    throw permanent('tree.target_invalid', 'the tree needs an absolute path');
  }
  await mkdir(target, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') {
      throw temporary('tree.io', `the tree's directory cannot be made: ${error.message}`, { cause: error });
    }
  });
  if (!(await lstat(target)).isDirectory()) {
    throw permanent('tree.target_invalid', `${target} is no directory`);
  }
  if (!holdsCopy && (await readdir(target)).length > 0) {
    throw permanent('tree.target_not_empty', `${target} is not empty`);
  }
}

/** Removes all that is in a tree's directory. */
export async function emptyTarget(target: string): Promise<void> {
  for (const name of await readdir(target, 'buffer')) {
    await discardTree(Buffer.concat([Buffer.from(`${target}/`), name]));
  }
}

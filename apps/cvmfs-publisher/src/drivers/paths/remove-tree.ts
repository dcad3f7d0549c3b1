import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { temporary } from '#errors';

const run = promisify(execFile);

/**
 * Removes a tree of any depth, size and mode, following no link. The system's own `rm` does it: it walks by directory
 * handles, which no path in Node can, so neither a link swapped in nor a path longer than 4 KiB leads it astray; and
 * it does not hold up this process's event loop.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await remove(path);
  } catch {
    // An image may bring directories that not even their owner can read or write: only root passes those.
    await run('chmod', ['--recursive', '--silent', 'u+rwx', '--', path], { cwd: '/' }).catch(() => undefined);
    await remove(path).catch((cause: unknown) => {
      throw temporary('cvmfs.remove_failed', `Cannot remove ${path}: see its cause.`, { cause });
    });
  }
}

async function remove(path: string): Promise<void> {
  await run('rm', ['--recursive', '--force', '--one-file-system', '--', path], { cwd: '/' });
}

import * as fs from 'node:fs';
import { chmod, lstat, readdir, rmdir, unlink } from 'node:fs/promises';

/**
 * Removes a tree or a part of one, directories without permissions too, and follows no link: neither at `path` nor
 * below. A path that is not there is fine. Rejects with the file system's error.
 */
export async function discardTree(path: string | Buffer): Promise<void> {
  await discard(typeof path === 'string' ? Buffer.from(path) : path);
}

async function discard(path: Buffer): Promise<void> {
  const stats = await lstat(path).catch(ignoreMissing);
  if (stats === undefined) return;
  if (!stats.isDirectory()) {
    await unlink(path).catch(ignoreMissing);
    return;
  }
  if ((stats.mode & 0o700) !== 0o700) await chmod(path, 0o700);
  for (const entry of await readdir(path, { encoding: 'buffer', withFileTypes: true })) {
    const child = Buffer.concat([path, slash, entry.name]);
    if (entry.isDirectory()) await discard(child);
    else await unlink(child).catch(ignoreMissing);
  }
  await rmdir(path).catch(ignoreMissing);
}

/** The same without promises, for a path as bytes. */
export function discardTreeSync(path: Buffer): void {
  const stats = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isDirectory()) {
    fs.unlinkSync(path);
    return;
  }
  if ((stats.mode & 0o700) !== 0o700) fs.chmodSync(path, 0o700);
  for (const name of fs.readdirSync(path, 'buffer')) discardTreeSync(Buffer.concat([path, slash, name]));
  fs.rmdirSync(path);
}

const slash = Buffer.from('/');

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

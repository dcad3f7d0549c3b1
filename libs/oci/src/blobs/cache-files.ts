import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of the cache that may go when room is needed. */
interface CachedFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was last asked for, epoch milliseconds. */
  readonly used: number;
  /** Hard links besides the cache's own: someone reads it, and to remove it would free nothing. */
  readonly inUse: boolean;
}

/**
 * Removes what was not used for longest until `needed` more bytes fit under the limit. What is in use stays, so an
 * image larger than the limit goes over it for as long as it is open. Returns the bytes that the cache has then.
 */
export async function makeRoom(root: string, limitBytes: number, needed: number): Promise<number> {
  const files = await cachedFiles(root);
  let total = files.reduce((sum, file) => sum + file.bytes, 0) + needed;
  for (const file of files.filter((one) => !one.inUse).sort((a, b) => a.used - b.used)) {
    if (total <= limitBytes) break;
    await rm(file.path, { force: true });
    total -= file.bytes;
  }
  return total - needed;
}

async function cachedFiles(root: string): Promise<readonly CachedFile[]> {
  const files: CachedFile[] = [];
  const blobs = join(root, 'blobs');
  for (const shard of await readdir(blobs).catch(() => [])) await list(join(blobs, shard), files);
  await list(join(root, 'orphans'), files);
  return files;
}

async function list(directory: string, into: CachedFile[]): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name);
    const info = await stat(path).catch(() => undefined);
    if (info) into.push({ path, bytes: info.size, used: info.mtimeMs, inUse: info.nlink > 1 });
  }
}

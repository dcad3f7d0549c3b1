import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDockerd, startDockerRegistry, type DockerdServer, type DockerRegistryServer } from '#embedded';
import { inodesAtRest } from './inode-rest.js';

/** What a run of the bench has around it: a registry and room. */
export interface PublishLab {
  readonly directory: string;
  readonly registry: DockerRegistryServer;
  close(): Promise<void>;
}

/** Starts the registry, a real one, in a new directory below the system's for temporary files. */
export async function openLab(): Promise<PublishLab> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const registry = await startDockerRegistry({ directory: join(directory, 'registry') });
  return {
    directory,
    registry,
    close: async () => {
      await registry.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

let runs = 0;
/**
 * A directory of its own for each measurement, once files can be made at their ordinary price. What earlier ones left
 * is removed only when room gets short, for that spoils the price for a while.
 */
export async function freshRun(lab: PublishLab, neededBytes: number): Promise<string> {
  const all = join(lab.directory, 'runs');
  await mkdir(all, { recursive: true });
  const { bavail, bsize } = await statfs(all);
  if (bavail * bsize < neededBytes) {
    await rm(all, { recursive: true, force: true });
    writeOut();
  }
  const own = join(all, String(++runs));
  await mkdir(own, { recursive: true });
  await inodesAtRest(own);
  return own;
}

/** What of a run's directory holds many small files. */
const trees = new Set(['tree', 'before', 'warm-up', 'd']);

/** Removes blobs and archives once they were measured: few files, whose removal spoils nothing, and most of the room. */
export async function dropLarge(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!trees.has(name)) await rm(join(directory, name), { recursive: true, force: true });
  }
}

/** overlay2 is what people have; vfs, which copies everything per layer, would be an unfair peer. */
export function startEngine(directory: string): Promise<DockerdServer> {
  return startDockerd({ directory, storageDriver: 'overlay2' });
}

/** Writes out what is dirty, which would be written during the next measurement otherwise. */
export function writeOut(): void {
  spawnSync('sync', { stdio: 'ignore' });
}

/** Writes out what is dirty and, where we may, drops what is cached: the same start for everybody. */
export function coolDown(): void {
  writeOut();
  const drop = '/proc/sys/vm/drop_caches';
  if (process.getuid?.() === 0 && existsSync(drop)) {
    try {
      writeFileSync(drop, '3');
    } catch {
      // In a container the file may be read-only: then nobody's caches are dropped, which is alike for all too.
    }
  }
}

/** Files and links below a directory. */
export async function countFiles(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => !entry.isDirectory()).length;
}

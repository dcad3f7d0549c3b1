import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDockerd, startDockerRegistry, type DockerdServer, type DockerRegistryServer } from '#embedded';

/** What a run of the bench has around it: a registry, an engine where one can run, and room. */
export interface PublishLab {
  readonly directory: string;
  readonly registry: DockerRegistryServer;
  readonly socket: string | undefined;
  close(): Promise<void>;
}

export async function openLab(withEngine: boolean): Promise<PublishLab> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const registry = await startDockerRegistry({ directory: join(directory, 'registry') });
  const engine = withEngine ? await engineIn(join(directory, 'd')) : undefined;
  return {
    directory,
    registry,
    socket: engine?.socketPath,
    close: async () => {
      await engine?.stop();
      await registry.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** overlay2 is what people have; vfs, which copies everything per layer, would be an unfair peer. */
async function engineIn(directory: string): Promise<DockerdServer | undefined> {
  try {
    return await startDockerd({ directory, storageDriver: 'overlay2' });
  } catch (error) {
    console.error(`  no docker-save peer: ${(error as Error).message}`);
    return undefined;
  }
}

/** Takes every image out of the engine, so that the next pull fetches all of it. */
export function emptyEngine(socket: string | undefined): void {
  if (socket === undefined) return;
  spawnSync('docker', ['--host', `unix://${socket}`, 'image', 'prune', '--all', '--force'], {
    stdio: 'ignore',
  });
}

/** Writes out what is dirty and, where we may, drops what is cached: the same start for everybody. */
export function coolDown(): void {
  spawnSync('sync', { stdio: 'ignore' });
  const drop = '/proc/sys/vm/drop_caches';
  if (process.getuid?.() === 0 && existsSync(drop)) {
    try {
      writeFileSync(drop, '3');
    } catch {
      // In a container the file may be read-only: then nobody's caches are dropped, which is alike for all too.
    }
  }
}

export async function emptied(path: string): Promise<string> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return path;
}

/** Files and links below a directory. */
export async function countFiles(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => !entry.isDirectory()).length;
}

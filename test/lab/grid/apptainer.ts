import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gridRootFileSystem, whyNoGrid } from './root-file-system.js';

const maker = fileURLToPath(new URL('../../../../bin/grid-root', import.meta.url));
const runner = fileURLToPath(new URL('../../../../bin/support/grid-apptainer', import.meta.url));

/**
 * Why no real Apptainer can run here, fit for the name of a skipped test: beside what the batch systems need, Debian
 * unstable must have had one that fits. Undefined when it can, or when that is not known yet.
 */
export function whyNoApptainer(): string | undefined {
  const reason = whyNoGrid();
  if (reason !== undefined) return reason;
  const target = spawnSync(maker, ['--where'], { encoding: 'utf8' }).stdout.trim();
  if (!existsSync(join(target, 'etc/slipway-ready')) || existsSync(join(target, 'usr/bin/apptainer')))
    return undefined;
  return 'SKIPPED, Debian unstable had no Apptainer that fits when bin/grid-root ran';
}

/** What Apptainer sees of this machine, and as whom it runs there. */
export interface ApptainerOptions {
  /** The program's own; a directory `programs` in it holds it, and nothing else. */
  readonly directory: string;
  /** Path as Apptainer sees it → directory, which can only be read there. Beside them it sees /tmp as it is. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Who runs it: `root` unless told; `grid` is an ordinary user, who needs a user namespace for it. */
  readonly user?: 'root' | 'grid';
}

/** Makes the batch systems' real Apptainer a program of this machine, and gives its path. */
export async function realApptainer({
  directory,
  mounts = {},
  user = 'root',
}: ApptainerOptions): Promise<string> {
  const rootFileSystem = await gridRootFileSystem();
  const programs = join(directory, 'programs');
  await mkdir(programs, { recursive: true });
  const mounted = Object.entries(mounts).map(([inside, outside]) => `${outside} ${inside}\n`);
  await writeFile(join(directory, 'mounts'), mounted.join(''));
  const path = join(programs, 'apptainer');
  const words = [runner, directory, rootFileSystem, user].map((word) => `'${word}'`);
  await writeFile(path, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
  await chmod(path, 0o755);
  return path;
}

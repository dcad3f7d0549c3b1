import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { permanent } from '#errors';

/** A registry that somebody signed in to. */
export interface StoredServer {
  readonly token: string;
  /** Who one is there, as it was said at sign-in. */
  readonly name: string;
}

/** What `~/.config/slipway/servers.json` holds: registries by their URL. */
export interface StoredServers {
  /** The one signed in to last. */
  readonly current?: string;
  readonly servers: Readonly<Record<string, StoredServer>>;
}

const fileIn = (directory: string): string => join(directory, 'servers.json');

/**
 * What was stored at sign-in; nothing where there is no file.
 * @throws AppError `command.failed` where it is damaged, or where others can read it.
 */
export function readServers(directory: string): StoredServers {
  const file = fileIn(directory);
  let text: string;
  try {
    const { mode } = statSync(file);
    if ((mode & 0o077) !== 0)
      throw permanent(
        'command.failed',
        `${file} can be read by others: run chmod 600 ${file}, and change the keys in it`,
      );
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { servers: {} };
    throw error;
  }
  try {
    const value = JSON.parse(text) as Partial<StoredServers> | null;
    return { ...value, servers: value?.servers ?? {} };
  } catch {
    throw permanent('command.failed', `${file} is damaged: remove it and sign in again`);
  }
}

/** Keeps them, readable by their owner alone. */
export function writeServers(directory: string, servers: StoredServers): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = fileIn(directory);
  const fresh = `${file}.${process.pid}`;
  try {
    writeFileSync(fresh, `${JSON.stringify(servers, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    chmodSync(fresh, 0o600);
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

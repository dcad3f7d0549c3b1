import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** How often an owner shows that it lives, in milliseconds. */
const heartbeatMs = 20_000;
/** An owner on another host that has been silent for so long is dead, in milliseconds. */
const silenceMs = 10 * 60_000;

/**
 * One process's own corner of a cache that several share: `owners/<host>~<pid>~<random>/` holds what it writes
 * (`partial-…`) and hard links to what it reads (`lease-…`). What a dead owner was writing is put into `orphans/`,
 * where anyone may take it up; its leases go.
 */
export class CacheOwner {
  readonly directory: string;
  private readonly orphans: string;
  private readonly heartbeat: NodeJS.Timeout;
  private count = 0;

  private constructor(
    private readonly root: string,
    readonly name: string,
  ) {
    this.directory = join(root, 'owners', name);
    this.orphans = join(root, 'orphans');
    this.heartbeat = setInterval(() => {
      const now = new Date();
      utimes(this.directory, now, now).catch(() => undefined);
    }, heartbeatMs);
    this.heartbeat.unref();
  }

  static async enter(root: string): Promise<CacheOwner> {
    const name = `${hostname()}~${process.pid}~${randomBytes(6).toString('hex')}`;
    const owner = new CacheOwner(root, name);
    await mkdir(owner.directory, { recursive: true, mode: 0o700 });
    await mkdir(owner.orphans, { recursive: true, mode: 0o700 });
    living.add(name);
    await owner.buryTheDead();
    return owner;
  }

  /** A path in this corner that was not used before. */
  fresh(kind: 'partial' | 'lease', name: string): string {
    return join(this.directory, `${kind}-${name}-${++this.count}`);
  }

  /** Leaves an unfinished blob for whoever wants it next. */
  async orphan(path: string, name: string): Promise<void> {
    await rename(path, join(this.orphans, name)).catch(() => rm(path, { force: true }));
  }

  /** Takes over an unfinished blob; nobody else gets the same one. Nothing when there is none. */
  async adopt(name: string): Promise<string | undefined> {
    const path = this.fresh('partial', name);
    return rename(join(this.orphans, name), path).then(
      () => path,
      () => undefined,
    );
  }

  /** Takes over what dead owners left unfinished and lets go of what they read. */
  async buryTheDead(): Promise<void> {
    const owners = join(this.root, 'owners');
    for (const name of await readdir(owners)) {
      if (name === this.name || !(await isDead(join(owners, name), name))) continue;
      for (const file of await readdir(join(owners, name)).catch(() => [])) {
        const blob = /^partial-(sha(?:256|512)-[0-9a-f]+)-\d+$/.exec(file)?.[1];
        if (blob) await this.orphan(join(owners, name, file), blob);
      }
      await rm(join(owners, name), { recursive: true, force: true });
    }
  }

  async leave(): Promise<void> {
    clearInterval(this.heartbeat);
    living.delete(this.name);
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Owners of this very process: several caches may be open in it, on one directory too. */
const living = new Set<string>();

async function isDead(directory: string, name: string): Promise<boolean> {
  const [host, pid] = name.split('~');
  if (host === hostname()) {
    // A container's restart often gives the same host name and process id to the next process.
    return Number(pid) === process.pid ? !living.has(name) : !isRunning(Number(pid));
  }
  const { mtimeMs } = await stat(directory).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > silenceMs;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

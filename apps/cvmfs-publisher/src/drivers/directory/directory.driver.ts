import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, permanent, temporary } from '#errors';
import type { BeginOptions, CvmfsDriver, Recovery, Transaction } from '../../domain/cvmfs-driver.js';
import { onDisk } from '../disk-errors.js';
import type { DriverOptions } from '../driver-options.js';
import { acquireFileLock, lastBreathSeconds, type FileLock } from '../file-lock.js';
import { removeTree } from '../paths/remove-tree.js';
import { ownDirectory } from '../paths/repository-path.js';
import { DirectoryTransaction, staging, trash, workspaces } from './directory.transaction.js';
import { Journal } from './journal.js';

/** A plain directory with the promise of CVMFS: the embedded default, and whatever a web server or NFS exports. */
class DirectoryDriver implements CvmfsDriver {
  readonly repository: string;
  readonly reuse = 'link';
  private readonly journal: Journal;

  constructor(
    readonly root: string,
    private readonly options: DriverOptions,
  ) {
    this.repository = options.repository;
    this.journal = new Journal(root, options.onStep ?? (() => undefined));
  }

  get stagingDirectory(): string {
    return join(this.root, staging);
  }

  async check(): Promise<void> {
    try {
      for (const own of [staging, workspaces, trash]) this.makeOwn(own);
      accessSync(this.root, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (cause) {
      const text = `${this.root} cannot be written: give it to the publisher's user (chown), with all that is in it.`;
      throw temporary('cvmfs.not_writable', text, { subject: this.repository, level: 'error', cause });
    }
    await (await this.lockIfFree(0))?.release();
  }

  /** Whoever holds the lock longer than a dying process does has recovered what was left: nothing to do then. */
  async recover(): Promise<Recovery> {
    const lock = await this.lockIfFree(Math.min(lastBreathSeconds, this.options.lockWaitSeconds ?? 600));
    if (lock === undefined) return 'none';
    try {
      return await this.recoverLocked();
    } finally {
      await lock.release();
    }
  }

  async begin(options: BeginOptions = {}): Promise<Transaction> {
    const lock = await this.lock(this.options.lockWaitSeconds ?? 600, options.signal);
    try {
      await this.recoverLocked();
      const { repository, root, journal } = this;
      return await onDisk(repository, async () => {
        const transaction = new DirectoryTransaction({ id: randomUUID(), repository, root, lock, journal });
        await transaction.clone(options);
        return transaction;
      });
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  private async lockIfFree(waitSeconds: number): Promise<FileLock | undefined> {
    return await this.lock(waitSeconds).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'cvmfs.busy') return undefined;
      throw error;
    });
  }

  private async lock(waitSeconds: number, signal?: AbortSignal): Promise<FileLock> {
    await onDisk(this.repository, () => this.makeOwn(ownDirectory));
    return await acquireFileLock({
      path: join(this.root, ownDirectory, 'lock'),
      waitSeconds,
      repository: this.repository,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Under the lock nobody's transaction is open: whatever lies there was left behind. */
  private async recoverLocked(): Promise<Recovery> {
    try {
      const recovery = this.journal.recover();
      const left = this.entries(workspaces);
      for (const name of left) await this.discard(join(this.root, workspaces, name));
      for (const name of this.entries(trash)) await this.discard(join(this.root, trash, name));
      this.makeOwn(workspaces);
      this.makeOwn(trash);
      return recovery === 'none' && left.length > 0 ? 'rolled_back' : recovery;
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      const text = `${this.root} has a transaction that can be neither finished nor undone: see its cause.`;
      throw temporary('cvmfs.unclear', text, { subject: this.repository, level: 'error', cause });
    }
  }

  /** Nobody reads it there: what cannot be removed costs space, but is no reason to stop publishing. */
  private async discard(path: string): Promise<void> {
    await removeTree(path).catch(() => this.options.onStep?.(`cannot remove ${path}`));
  }

  private entries(directory: string): string[] {
    const path = join(this.root, directory);
    return existsSync(path) ? readdirSync(path) : [];
  }

  /** Others may not enter: what lies there is no content, and may be half. */
  private makeOwn(directory: string): void {
    if (!existsSync(join(this.root, ownDirectory))) mkdirSync(join(this.root, ownDirectory), { mode: 0o700 });
    mkdirSync(join(this.root, directory), { recursive: true, mode: 0o700 });
  }
}

/** Reads `root` (made when missing) and `lockWaitSeconds`. */
export function createDirectoryDriver(options: DriverOptions): CvmfsDriver {
  const { root } = options;
  if (root === undefined) {
    throw permanent('cvmfs.setting_missing', `${options.repository}: the directory driver needs a root.`);
  }
  mkdirSync(root, { recursive: true });
  return new DirectoryDriver(realpathSync(root), options);
}

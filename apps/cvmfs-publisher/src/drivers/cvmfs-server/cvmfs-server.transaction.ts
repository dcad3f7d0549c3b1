import { execFile } from 'node:child_process';
import { chmodSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { permanent, temporary, toAppError } from '#errors';
import type { Recovery, Transaction } from '../../domain/cvmfs-driver.js';
import { diskError, onDisk } from '../disk-errors.js';
import type { FileLock } from '../file-lock.js';
import { existing, placeFor, pruneEmptyParents } from '../paths/real-directories.js';
import { linkText, refused, repositoryPath } from '../paths/repository-path.js';
import { removeTree } from '../paths/remove-tree.js';
import { checkNames } from '../tree-names.js';
import type { CvmfsRepository } from './cvmfs-repository.js';
import { isOwn, type OwnTransaction } from './own-transaction.js';

/** What to do about a publish that `cvmfs_server` refuses because somebody has a file of the repository open. */
export interface PublishPolicy {
  /** How often a publish is tried while a file of the repository is open. */
  readonly attempts: number;
  readonly pauseMs: number;
  /** Whether the last attempt is made with `-f`. */
  readonly force: boolean;
}

/** An open transaction of a real repository: CVMFS itself keeps what is written from readers until the publish. */
export class CvmfsServerTransaction implements Transaction {
  readonly id: string;
  readonly root: string;
  /** New trees; true once checked. */
  private readonly trees = new Map<string, boolean>();
  private over = false;

  constructor(
    private readonly repository: CvmfsRepository,
    private readonly lock: FileLock,
    private readonly own: OwnTransaction,
    private readonly policy: PublishPolicy,
    private readonly clonedTo: string | undefined,
  ) {
    this.id = own.id;
    this.root = repository.places.root;
    if (clonedTo !== undefined) this.trees.set(clonedTo, false);
  }

  get cloned(): boolean {
    return this.clonedTo !== undefined;
  }

  treePath(relative: string): string {
    const path = this.place(relative);
    if (relative === this.clonedTo && this.trees.has(relative)) return path;
    if (this.trees.has(relative) || existing(this.root, relative) !== undefined) throw exists(relative);
    this.trees.set(relative, false);
    return path;
  }

  async seal(relative: string): Promise<void> {
    const path = this.place(relative);
    if (!this.trees.has(relative)) throw refused(relative, 'no new tree of this transaction is there');
    await onDisk(this.repository.name, () => checkNames(path));
    this.trees.set(relative, true);
  }

  async adopt(staged: string, relative: string): Promise<void> {
    await onDisk(this.repository.name, () => checkNames(staged));
    const path = this.treePath(relative);
    await onDisk(this.repository.name, () => moveOrCopy(staged, path));
    this.trees.set(relative, true);
  }

  async link(relative: string, target: string): Promise<void> {
    const text = linkText(relative, target);
    await onDisk(this.repository.name, () => symlinkSync(text, this.freePlace(relative)));
  }

  async remove(relative: string): Promise<void> {
    const path = this.place(relative);
    this.trees.delete(relative);
    if (existing(this.root, relative) !== undefined) await removeTree(path);
    pruneEmptyParents(this.root, relative);
  }

  async writeFile(relative: string, content: Buffer): Promise<void> {
    await onDisk(this.repository.name, () => {
      const path = this.freePlace(relative);
      writeFileSync(path, content, { flag: 'wx' });
      chmodSync(path, 0o644);
    });
  }

  async publish(): Promise<{ readonly revision?: string }> {
    this.checkOpen();
    try {
      this.checkStillOurs();
      await this.checkTrees();
      this.repository.note.write({ ...this.own, phase: 'publishing' });
      this.repository.places.onStep('publish');
      await this.runPublish();
    } catch (error) {
      return await this.endAfter(error);
    }
    this.repository.places.onStep('published');
    this.repository.note.clear();
    await this.end();
    return await this.revision();
  }

  async abort(): Promise<void> {
    if (this.over) return;
    try {
      this.repository.places.onStep('abort');
      await this.recover();
    } finally {
      await this.end();
    }
  }

  /** Somebody reading on this host makes CVMFS refuse; mostly that passes. The transaction stays open meanwhile. */
  private async runPublish(): Promise<void> {
    const { name, tool } = this.repository;
    const { attempts, pauseMs, force } = this.policy;
    for (let attempt = 1; ; attempt += 1) {
      const forced = force && attempt >= attempts ? ['-f'] : [];
      const answer = await tool.run('publish', ...forced, name);
      if (answer.code === 0) return;
      const refusal = toAppError(this.repository.refusal('publish', answer));
      if (refusal.code !== 'cvmfs.open_files' || attempt >= attempts) throw refusal;
      await pause(pauseMs);
    }
  }

  /** A publish whose end nobody saw may have come through all the same: the root hash tells. */
  private async endAfter(thrown: unknown): Promise<{ readonly revision?: string }> {
    const error = diskError(this.repository.name, thrown);
    try {
      if ((await this.recover()) !== 'committed') throw error;
      return await this.revision();
    } catch (failure) {
      if (failure === error) throw error;
      const text = `${this.repository.name}: publishing failed, and the transaction is still open.`;
      throw temporary('cvmfs.unclear', `${text} ${toAppError(failure).message}`, { cause: error });
    } finally {
      await this.end();
    }
  }

  /** Without the lock another copy has its turn, and has recovered what we left. */
  private async recover(): Promise<Recovery> {
    return this.lock.held ? await this.repository.recover() : 'none';
  }

  /** Published is published: that its number cannot be read just now is no failure. */
  private async revision(): Promise<{ readonly revision?: string }> {
    const manifest = await this.repository.manifest().catch(() => undefined);
    return manifest?.revision === undefined ? {} : { revision: manifest.revision };
  }

  private async checkTrees(): Promise<void> {
    for (const [relative, sealed] of this.trees) {
      if (existing(this.root, relative)?.isDirectory() !== true) {
        throw permanent('cvmfs.tree_missing', `Nothing was unpacked for ${relative}.`);
      }
      if (!sealed) await this.seal(relative);
    }
  }

  /** Before anything is written: what lies below the mount, and what a stranger has open there now, is not ours. */
  private checkStillOurs(): void {
    this.repository.checkMounted('writable');
    if (this.lock.held && isOwn(this.own, this.repository.flag, undefined)) return;
    throw temporary(
      'cvmfs.transaction_lost',
      `${this.repository.name}: somebody else ended the transaction.`,
    );
  }

  private place(relative: string): string {
    this.checkOpen();
    this.checkStillOurs();
    return placeFor(this.root, repositoryPath(relative));
  }

  private freePlace(relative: string): string {
    const path = this.place(relative);
    const there = existing(this.root, relative);
    if (there?.isDirectory() === true) throw exists(relative);
    if (there !== undefined) rmSync(path);
    return path;
  }

  private async end(): Promise<void> {
    this.over = true;
    await this.lock.release();
  }

  private checkOpen(): void {
    if (this.over) throw permanent('cvmfs.transaction_over', `The transaction ${this.id} is over.`);
  }
}

function exists(relative: string): Error {
  return permanent('cvmfs.exists', `${relative} exists already.`);
}

async function moveOrCopy(from: string, to: string): Promise<void> {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const options = ['--archive', '--no-target-directory', '--'];
    await promisify(execFile)('cp', [...options, from, to], { cwd: '/' });
    await removeTree(from);
  }
}

import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative as pathBetween } from 'node:path';
import { promisify } from 'node:util';
import { permanent, temporary } from '#errors';
import type { BeginOptions, Transaction } from '../../domain/cvmfs-driver.js';
import { diskError, onDisk } from '../disk-errors.js';
import type { FileLock } from '../file-lock.js';
import { directoryMode, entryAt, existing, moveEntry, placeFor } from '../paths/real-directories.js';
import { linkText, ownDirectory, refused, repositoryPath } from '../paths/repository-path.js';
import { removeTree } from '../paths/remove-tree.js';
import { checkNames } from '../tree-names.js';
import { Changes } from './changes.js';
import type { Journal } from './journal.js';

/** Trees that are made before there is a transaction; below the root, so that they are renamed into place. */
export const staging = `${ownDirectory}/staging`;

/** A directory for each transaction, which is open to its owner alone; what lies there was never published. */
export const workspaces = `${ownDirectory}/transactions`;

/** What a transaction took away, until it is deleted: renaming is quick, deleting a large tree is not. */
export const trash = `${ownDirectory}/trash`;

/** What the driver began it with; the lock is released when the transaction ends, however it does. */
export interface DirectoryTransactionParts {
  readonly id: string;
  readonly repository: string;
  readonly root: string;
  readonly lock: FileLock;
  readonly journal: Journal;
}

/** A transaction of a directory repository: prepared in a workspace that readers cannot enter, then renamed into place. */
export class DirectoryTransaction implements Transaction {
  readonly id: string;
  readonly root: string;
  cloned = false;
  private readonly workspace: string;
  private readonly changes: Changes;
  private over = false;

  constructor(private readonly parts: DirectoryTransactionParts) {
    this.id = parts.id;
    this.root = parts.root;
    this.workspace = `${workspaces}/${parts.id}`;
    mkdirSync(join(this.root, this.workspace), { mode: 0o700 });
    this.changes = new Changes(this.root, this.workspace, trash);
  }

  /** A copy, not hard links: whoever writes into the clone must not write into the published tree. */
  async clone({ cloneFrom, cloneTo }: BeginOptions): Promise<void> {
    if (cloneFrom === undefined || cloneTo === undefined) return;
    if (existing(this.root, repositoryPath(cloneFrom))?.isDirectory() !== true) return;
    const copy = this.treePath(cloneTo);
    const from = join(this.root, cloneFrom);
    const options = ['--archive', '--reflink=auto', '--no-target-directory'];
    await this.onDisk(() => promisify(execFile)('cp', [...options, '--', from, copy], { cwd: '/' }));
    this.cloned = true;
  }

  treePath(relative: string): string {
    this.checkOpen();
    const known = this.changes.treeAround(repositoryPath(relative));
    if (known?.tree === relative && this.cloned) return join(this.root, known.from);
    const from = this.changes.fresh();
    this.changes.put(relative, { kind: 'tree', from });
    return join(this.root, from);
  }

  async seal(relative: string): Promise<void> {
    this.checkOpen();
    const tree = this.changes.treeAround(repositoryPath(relative));
    if (tree?.tree !== relative) throw refused(relative, 'no new tree of this transaction is there');
    await this.onDisk(() => checkNames(join(this.root, tree.from)));
  }

  async adopt(staged: string, relative: string): Promise<void> {
    this.checkOpen();
    const inStaging = pathBetween(join(this.root, staging), staged);
    if (!/^[^/]+$/.test(inStaging) || inStaging === '..') {
      throw refused(staged, 'it is not directly in the staging directory');
    }
    await this.onDisk(() => checkNames(staged));
    const from = this.changes.fresh();
    this.changes.put(repositoryPath(relative), { kind: 'tree', from });
    await this.onDisk(() => moveEntry(staged, join(this.root, from), directoryMode(entryAt(staged))));
  }

  async link(relative: string, target: string): Promise<void> {
    this.checkOpen();
    const text = linkText(relative, target);
    const from = this.changes.fresh();
    await this.onDisk(() => symlinkSync(text, join(this.root, from)));
    this.changes.put(relative, { kind: 'link', from });
  }

  async remove(relative: string): Promise<void> {
    this.checkOpen();
    const forgotten = this.changes.remove(repositoryPath(relative));
    if (forgotten !== undefined) await removeTree(join(this.root, forgotten.from));
  }

  async writeFile(relative: string, content: Buffer): Promise<void> {
    this.checkOpen();
    const tree = this.changes.treeAround(repositoryPath(relative));
    const from =
      tree === undefined ? this.changes.fresh() : `${tree.from}${relative.slice(tree.tree.length)}`;
    await this.onDisk(() => replaceFile(this.root, from, content));
    if (tree === undefined) this.changes.put(relative, { kind: 'file', from });
  }

  async publish(): Promise<{ readonly revision?: string }> {
    this.checkOpen();
    try {
      if (!this.parts.lock.held) throw temporary('cvmfs.lock_lost', `The lock of ${this.root} was lost.`);
      this.parts.journal.commit(this.id, this.changes.steps());
      return {};
    } catch (cause) {
      if (!this.parts.journal.unfinished()) throw diskError(this.parts.repository, cause);
      throw temporary('cvmfs.unclear', `${this.root}: the transaction is half done.`, { cause });
    } finally {
      await this.end();
    }
  }

  async abort(): Promise<void> {
    if (!this.over) await this.end();
  }

  /** What cannot be removed now lies where no reader looks, and the next begin tries again: no reason to fail. */
  private async end(): Promise<void> {
    this.over = true;
    if (!this.parts.journal.unfinished()) {
      await removeTree(join(this.root, this.workspace)).catch(() => undefined);
      await emptyTrash(this.root).catch(() => undefined);
    }
    await this.parts.lock.release();
  }

  private async onDisk<T>(action: () => T | Promise<T>): Promise<T> {
    return await onDisk(this.parts.repository, action);
  }

  private checkOpen(): void {
    if (this.over) throw permanent('cvmfs.transaction_over', `The transaction ${this.id} is over.`);
  }
}

async function emptyTrash(root: string): Promise<void> {
  for (const name of readdirSync(join(root, trash))) await removeTree(join(root, trash, name));
}

/** Never writes into what is there: the file may be a link to anywhere, or a hard link to a published one. */
function replaceFile(root: string, relative: string, content: Buffer): void {
  const path = placeFor(root, relative);
  const there = entryAt(path);
  if (there?.isDirectory() === true) throw permanent('cvmfs.exists', `${relative} is a directory.`);
  if (there !== undefined) rmSync(path);
  writeFileSync(path, content, { flag: 'wx' });
  chmodSync(path, 0o644);
}

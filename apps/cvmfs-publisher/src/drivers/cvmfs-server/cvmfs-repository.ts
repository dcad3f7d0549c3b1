import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '#errors';
import type { Recovery } from '../../domain/cvmfs-driver.js';
import { acquireFileLock, type FileLock } from '../file-lock.js';
import { answerError } from './answers.js';
import { mountState } from './mounts.js';
import { flagAt, isOwn, type OwnTransaction, OwnTransactionNote } from './own-transaction.js';
import { readManifest, type PublishedManifest } from './published-manifest.js';
import { CvmfsTool, type ToolAnswer } from './tool.js';

/** Where everything of a repository is, all settings filled in. */
export interface CvmfsPlaces {
  readonly repository: string;
  readonly root: string;
  readonly stateDirectory: string;
  readonly spoolDirectory: string;
  readonly manifest: string;
  readonly mountinfo: string;
  readonly tool: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly lockWaitSeconds: number;
  readonly onStep: (step: string) => void;
}

/** A repository on its publisher host: its mount, its flag files, its tool, and the note of our own transaction. */
export class CvmfsRepository {
  readonly note: OwnTransactionNote;
  readonly tool: CvmfsTool;

  constructor(readonly places: CvmfsPlaces) {
    this.note = new OwnTransactionNote(this.own('transaction.json'));
    this.tool = new CvmfsTool({
      tool: places.tool,
      outputFile: this.own('output'),
      lockFile: this.own('command.lock'),
      environment: places.environment,
    });
  }

  get name(): string {
    return this.places.repository;
  }

  /** Flag file that exists while a transaction is open, whoever opened it. */
  get flag(): OwnTransaction['flag'] {
    return flagAt(join(this.places.spoolDirectory, 'in_transaction.lock'));
  }

  async manifest(): Promise<PublishedManifest> {
    return await readManifest(this.name, this.places.manifest);
  }

  /** The turn of one of our copies; strangers do not know it, `cvmfs_server` keeps them apart from us. */
  async lock(waitSeconds: number, signal?: AbortSignal): Promise<FileLock> {
    const request = { path: this.own('lock'), waitSeconds, repository: this.name };
    return await acquireFileLock(signal === undefined ? request : { ...request, signal });
  }

  /** Without its mount the path is a directory of the host's own disk: writes would silently stay there. */
  checkMounted(need: 'mounted' | 'writable'): void {
    const { root, mountinfo } = this.places;
    const state = mountState(mountinfo, root);
    if (state === 'none') {
      const text = `${root} is not mounted: run \`cvmfs_server mount ${this.name}\` (as root).`;
      throw temporary('cvmfs.not_mounted', text, { subject: this.name, level: 'error' });
    }
    if (need === 'mounted') return;
    if (state === 'read-only') {
      const text = `${root} is mounted read-only although a transaction is open.`;
      throw temporary('cvmfs.not_writable', text, { subject: this.name, level: 'error' });
    }
    try {
      accessSync(root, constants.W_OK);
    } catch (cause) {
      const text = `${root} may not be written by this user: run the publisher as the repository's owner.`;
      throw temporary('cvmfs.not_owner', text, { subject: this.name, level: 'error', cause });
    }
  }

  /** Under the lock: ends a transaction that an earlier run left behind. A stranger's is left alone. */
  async recover(): Promise<Recovery> {
    const note = this.note.read();
    if (note === undefined) return 'none';
    await this.waitForOrphans();
    this.places.onStep('recover');
    const { rootHash } = await this.manifest();
    const published = note.phase === 'publishing' && rootHash !== note.rootHash;
    const { code } = await this.tool.lastAnswer();
    const open = isOwn(note, this.flag, code);
    // After a publish that came through, too: nothing but an abort ends a transaction whose publish was cut off.
    if (open) await this.abortOpen();
    this.note.clear();
    if (published) return 'committed';
    return open || note.phase !== 'opening' ? 'rolled_back' : 'none';
  }

  /** Ends the open transaction, which the caller knows to be ours. */
  async abortOpen(): Promise<void> {
    const before = this.flag;
    const answer = await this.tool.run('abort', '-f', this.name);
    // Not by the exit code: an abort that cannot unmount says 0. Somebody else may have begun since then, too.
    const after = this.flag;
    const isOpen =
      after !== undefined && after.inode === before?.inode && after.modifiedMs === before.modifiedMs;
    if (isOpen) throw answerError('abort', answer, this.name);
  }

  /** The error for an answer of the tool. */
  refusal(command: string, answer: ToolAnswer): Error {
    return answerError(command, answer, this.name);
  }

  /**
   * A command of a process that was killed goes on, and so does a `cvmfs_swissknife` whose shell was killed: both are
   * waited for by their locks, which are never deleted.
   */
  private async waitForOrphans(): Promise<void> {
    const publishing = join(this.places.spoolDirectory, 'is_publishing.lock');
    for (const path of [this.own('command.lock'), publishing]) {
      if (!existsSync(path)) continue;
      const waitSeconds = this.places.lockWaitSeconds;
      const lock = await acquireFileLock({ path, waitSeconds, repository: this.name });
      await lock.release();
    }
  }

  private own(name: string): string {
    return join(this.places.stateDirectory, `${this.name}.${name}`);
  }
}

import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { AppError, permanent, temporary } from '#errors';
import type { BeginOptions, CvmfsDriver, Recovery, Transaction } from '../../domain/cvmfs-driver.js';
import { diskError, onDisk } from '../disk-errors.js';
import type { DriverOptions } from '../driver-options.js';
import { lastBreathSeconds, type FileLock } from '../file-lock.js';
import { existing } from '../paths/real-directories.js';
import { repositoryPath } from '../paths/repository-path.js';
import { CvmfsRepository } from './cvmfs-repository.js';
import { CvmfsServerTransaction, type PublishPolicy } from './cvmfs-server.transaction.js';
import type { OwnTransaction } from './own-transaction.js';
import { minimalEnvironment } from './tool.js';

/** A real CVMFS repository, through `cvmfs_server` on its publisher host. */
class CvmfsServerDriver implements CvmfsDriver {
  readonly stagingDirectory = undefined;
  readonly reuse = 'clone';

  constructor(
    private readonly cvmfs: CvmfsRepository,
    private readonly policy: PublishPolicy,
  ) {}

  get repository(): string {
    return this.cvmfs.name;
  }

  get root(): string {
    return this.cvmfs.places.root;
  }

  async check(): Promise<void> {
    await this.makeStateDirectory();
    const lock = await this.lockIfFree(0);
    if (lock !== undefined) {
      try {
        await this.checkKnown();
      } finally {
        await lock.release();
      }
    }
    this.cvmfs.checkMounted('mounted');
    this.checkOwner();
    await this.cvmfs.manifest();
  }

  /** Whoever holds the lock longer than a dying process does has recovered what was left: nothing to do then. */
  async recover(): Promise<Recovery> {
    await this.makeStateDirectory();
    const lock = await this.lockIfFree(Math.min(lastBreathSeconds, this.cvmfs.places.lockWaitSeconds));
    if (lock === undefined) return 'none';
    try {
      return await this.cvmfs.recover();
    } finally {
      await lock.release();
    }
  }

  async begin(options: BeginOptions = {}): Promise<Transaction> {
    await this.makeStateDirectory();
    const lock = await this.cvmfs.lock(this.cvmfs.places.lockWaitSeconds, options.signal);
    try {
      await this.cvmfs.recover();
      this.cvmfs.checkMounted('mounted');
      if (this.cvmfs.flag !== undefined) throw this.busy();
      const clone = this.cloneArgument(options);
      const opening = await this.noteOpening();
      const cloned = await this.open(clone);
      const own = await this.noteOpen(opening);
      const transaction = new CvmfsServerTransaction(
        this.cvmfs,
        lock,
        own,
        this.policy,
        cloned ? options.cloneTo : undefined,
      );
      this.cvmfs.checkMounted('writable');
      return transaction;
    } catch (error) {
      await this.cvmfs.recover().catch(() => undefined);
      await lock.release();
      throw diskError(this.repository, error);
    }
  }

  /** Opens the transaction; true when it could be opened with the clone. */
  private async open(clone: string | undefined): Promise<boolean> {
    this.cvmfs.places.onStep('transaction');
    if (clone !== undefined) {
      const answer = await this.cvmfs.tool.run('transaction', '-T', clone, this.repository);
      if (answer.code === 0) return true;
      if (this.cvmfs.flag !== undefined) throw this.cvmfs.refusal('transaction', answer);
    }
    const answer = await this.cvmfs.tool.run('transaction', this.repository);
    if (answer.code !== 0) throw this.cvmfs.refusal('transaction', answer);
    return false;
  }

  private async noteOpening(): Promise<OwnTransaction> {
    const { rootHash } = await this.cvmfs.manifest();
    this.cvmfs.tool.forget();
    const note: OwnTransaction = { id: randomUUID(), phase: 'opening', startedMs: Date.now(), rootHash };
    this.cvmfs.note.write(note);
    return note;
  }

  private async noteOpen(opening: OwnTransaction): Promise<OwnTransaction> {
    this.cvmfs.places.onStep('opened');
    const { flag } = this.cvmfs;
    if (flag === undefined) {
      // The tool has just said that it opened one: that one is ours, although a later recovery could not tell.
      await this.cvmfs.tool.run('abort', '-f', this.repository);
      const text = `${this.repository} has no transaction flag in ${this.cvmfs.places.spoolDirectory}: is that its spool?`;
      throw temporary('cvmfs.spool_wrong', text, { subject: this.repository, level: 'error' });
    }
    // Read anew: until our transaction was open somebody else could publish. From now on only we can.
    const { rootHash } = await this.cvmfs.manifest();
    const own: OwnTransaction = { ...opening, phase: 'open', rootHash, flag };
    this.cvmfs.note.write(own);
    return own;
  }

  /** `cvmfs_server transaction -T from=to` needs the tree, and a parent to put the clone in, to be published already. */
  private cloneArgument({ cloneFrom, cloneTo }: BeginOptions): string | undefined {
    if (cloneFrom === undefined || cloneTo === undefined) return undefined;
    const parent = repositoryPath(cloneTo).split('/').slice(0, -1).join('/');
    const isTree = existing(this.root, repositoryPath(cloneFrom))?.isDirectory() === true;
    const hasPlace = parent === '' || existing(this.root, parent)?.isDirectory() === true;
    const isFree = existing(this.root, cloneTo) === undefined;
    return isTree && hasPlace && isFree ? `${cloneFrom}=${cloneTo}` : undefined;
  }

  private busy(): AppError {
    const text = `Somebody else has a transaction of ${this.repository} open: \`cvmfs_server list\` shows it.`;
    return temporary('cvmfs.busy', text, { subject: this.repository, retryAfterSeconds: 30 });
  }

  private async checkKnown(): Promise<void> {
    const answer = await this.cvmfs.tool.run('list');
    if (answer.code !== 0) throw this.cvmfs.refusal('list', answer);
    const line = answer.text.split('\n').find((each) => each.startsWith(`${this.repository} `));
    if (line?.includes('(stratum0') === true) return;
    const text = `${this.repository} is not published from this host: \`cvmfs_server list\` does not show it.`;
    throw temporary('cvmfs.unknown_repository', text, { subject: this.repository, level: 'error' });
  }

  private checkOwner(): void {
    const { spoolDirectory } = this.cvmfs.places;
    try {
      accessSync(spoolDirectory, constants.W_OK);
    } catch (cause) {
      const text = `${spoolDirectory} may not be written by this user: run the publisher as the repository's owner.`;
      throw temporary('cvmfs.not_owner', text, { subject: this.repository, level: 'error', cause });
    }
  }

  private async lockIfFree(waitSeconds: number): Promise<FileLock | undefined> {
    return await this.cvmfs.lock(waitSeconds).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'cvmfs.busy') return undefined;
      throw error;
    });
  }

  private async makeStateDirectory(): Promise<void> {
    const { stateDirectory } = this.cvmfs.places;
    if (existsSync(stateDirectory)) return;
    await onDisk(stateDirectory, () => mkdirSync(stateDirectory, { recursive: true, mode: 0o700 }));
  }
}

const repositoryPattern = /^[a-z0-9][a-z0-9.-]{0,59}$/i;

/** Reads all settings; those that are not given are where `cvmfs_server mkfs` puts things. */
export function createCvmfsServerDriver(options: DriverOptions): CvmfsDriver {
  const { repository } = options;
  if (!repositoryPattern.test(repository)) {
    throw permanent('cvmfs.setting_wrong', `${JSON.stringify(repository)} is no name of a CVMFS repository.`);
  }
  const cvmfs = new CvmfsRepository({
    repository,
    root: options.root ?? `/cvmfs/${repository}`,
    stateDirectory: options.stateDirectory ?? '/var/lib/slipway/cvmfs',
    spoolDirectory: options.spoolDirectory ?? `/var/spool/cvmfs/${repository}`,
    manifest: options.manifest ?? `/srv/cvmfs/${repository}/.cvmfspublished`,
    mountinfo: options.mountinfo ?? '/proc/self/mountinfo',
    tool: options.tool ?? 'cvmfs_server',
    environment: { ...minimalEnvironment(), ...options.environment },
    lockWaitSeconds: options.lockWaitSeconds ?? 600,
    onStep: options.onStep ?? (() => undefined),
  });
  return new CvmfsServerDriver(cvmfs, {
    attempts: options.publishAttempts ?? 6,
    pauseMs: options.publishRetryMs ?? 5_000,
    force: options.forceRemount ?? false,
  });
}

/**
 * What became of a transaction that an earlier run of this publisher left behind: there was none, it was undone, or it
 * turned out to be published. With several copies of the publisher another copy may have recovered it before: what
 * is readable below `CvmfsDriver.root` is the truth.
 */
export type Recovery = 'none' | 'rolled_back' | 'committed';

/** What a transaction begins with. Who waits for its turn waits no longer than the driver's lockWaitSeconds. */
export interface BeginOptions {
  /**
   * A published tree to start `cloneTo` from, both as paths in the repository. A favour, not a promise: whether it was
   * done is said by `Transaction.cloned`.
   */
  readonly cloneFrom?: string;
  readonly cloneTo?: string;
  /** Ends the waiting for the repository's turn. */
  readonly signal?: AbortSignal;
}

/**
 * One CVMFS repository as a place to publish to.
 *
 * Paths called `relative` are paths in the repository: segments of `[A-Za-z0-9._@:+-]` joined by `/`, never through a
 * symbolic link. Anything else is the permanent error `cvmfs.path_refused`.
 */
export interface CvmfsDriver {
  /** Fully qualified name, e.g. `unpacked.example.org`. */
  readonly repository: string;
  /** Root of the readable repository, e.g. /cvmfs/unpacked.example.org: for reading, outside transactions. */
  readonly root: string;
  /**
   * Where a tree may be unpacked before a transaction is open (same file system as the repository); undefined: unpack
   * inside the transaction. Made by `check`; whoever unpacks there cleans up there.
   */
  readonly stagingDirectory: string | undefined;
  /**
   * How an unchanged file of an older tree comes cheapest into a new one: by a hard link to it, or by cloning the
   * older tree (`BeginOptions`) and writing the difference. CVMFS keeps no hard links: each would be copied.
   */
  readonly reuse: 'link' | 'clone';
  /** Resolves when the repository can be published to; else an AppError that says what to do. */
  check(): Promise<void>;
  /** At start or after a failure: deals with a transaction that this publisher left behind, never with a stranger's. */
  recover(): Promise<Recovery>;
  /**
   * Waits for its turn (one transaction at a time, over all processes), recovers what was left behind, opens a
   * transaction. Temporary error `cvmfs.busy` when a stranger's transaction is open or the turn does not come.
   */
  begin(options?: BeginOptions): Promise<Transaction>;
}

/**
 * An open transaction: nothing of it can be read before `publish` resolves, everything afterwards. The last change of
 * a path wins. Ends with `publish` or `abort`; after an error of `publish` it is over too, and undone unless the error
 * is `cvmfs.unclear` (call `recover`).
 */
export interface Transaction {
  readonly id: string;
  /** Root of the repository as the transaction's reader sees it. Written to through the methods below only. */
  readonly root: string;
  /** True when `BeginOptions.cloneTo` holds a copy of `cloneFrom`: `treePath(cloneTo)` then gives a tree with content. */
  readonly cloned: boolean;
  /**
   * Absolute path at which the new tree `relative` is to be unpacked: its parent exists, itself it does not (but see
   * `cloned`). Permanent error `cvmfs.exists` when the repository has that path already.
   */
  treePath(relative: string): string;
  /**
   * Says that the tree from `treePath` is complete. An error (`cvmfs.name_refused`: it holds a name that CVMFS takes
   * for an order) concerns this tree alone: `remove` it, the others go on.
   */
  seal(relative: string): Promise<void>;
  /** A tree complete in the staging directory becomes `relative`; sealed too. The staged path is gone afterwards. */
  adopt(staged: string, relative: string): Promise<void>;
  /** Makes or re-points a symbolic link to `target`, which is a path in the repository too (the link's text is relative). */
  link(relative: string, target: string): Promise<void>;
  /** A tree, link or file goes; one that came in this transaction is forgotten. Nothing there: nothing to do. */
  remove(relative: string): Promise<void>;
  /** A small file, also inside a new tree; replaces one that is there. Mode 0644. */
  writeFile(relative: string, content: Buffer): Promise<void>;
  /** Makes everything visible at once. `revision` where the repository counts them. */
  publish(): Promise<{ readonly revision?: string }>;
  /** Undoes everything. Only ever its own transaction; harmless when it is over already. */
  abort(): Promise<void>;
}

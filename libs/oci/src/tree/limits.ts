/** What an image may cost. Beyond any of these it is refused with a permanent error. */
export interface TreeLimits {
  /** Bytes of all files that are written. */
  readonly totalBytes: number;
  /** Bytes of one file, holes included. */
  readonly fileBytes: number;
  /** Entries of all layers together, hidden ones included. */
  readonly entries: number;
  /** Directories one below the other. */
  readonly depth: number;
  /** Bytes of one component of a path. Linux's file systems end at 255. */
  readonly nameBytes: number;
  /** Bytes of a whole path below the tree's top. Linux ends at 4095 with what stands before the tree. */
  readonly pathBytes: number;
  /** How many times larger than its blob a layer may become, once it is larger than `ratioFromBytes`. */
  readonly compressionRatio: number;
  /** Uncompressed bytes of a layer below which its ratio does not count. */
  readonly ratioFromBytes: number;
}

/** What counts where nothing is told; the publisher tells size, entries and depth by CVMFS repository. */
export const defaultLimits: TreeLimits = {
  totalBytes: 100 * 1024 ** 3,
  fileBytes: 50 * 1024 ** 3,
  entries: 5_000_000,
  depth: 256,
  nameBytes: 255,
  pathBytes: 3500,
  compressionRatio: 200,
  ratioFromBytes: 256 * 1024 ** 2,
};

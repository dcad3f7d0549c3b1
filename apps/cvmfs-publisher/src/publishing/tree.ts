import type { SourceImage } from '#oci';

/** A published tree that a new one may take unchanged files from. */
export interface ReusableTree {
  /** Digests of its layers, bottom first. */
  readonly layers: readonly string[];
  /** Its directory on disk. */
  readonly root: string;
  /** Hard links to its files, or the target already is a copy of it. */
  readonly method: 'link' | 'in-place';
}

/** What a tree came to. `leftOut` counts by kind what CVMFS could not hold, `reusedFiles` what an older tree had. */
export interface TreeSummary {
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
  readonly reusedFiles: number;
  readonly leftOut: Readonly<Record<string, number>>;
}

/** How much of a tree is there so far. */
export interface TreeProgress {
  readonly bytesDone: number;
  readonly filesDone: number;
}

/** Makes an image's directory tree at a path that does not exist yet. */
export interface TreeMaker {
  make(
    image: SourceImage,
    target: string,
    options: {
      readonly reuse: ReusableTree | undefined;
      readonly signal: AbortSignal;
      readonly onProgress?: (done: TreeProgress) => void;
    },
  ): Promise<TreeSummary>;
  /** Removes a tree that was not finished. */
  discard(path: string): Promise<void>;
}

import { discardTree, flatten } from '#oci';
import type { CvmfsRepositorySettings } from '#settings';
import type { TreeMaker } from '../publishing/tree.js';

/** Makes trees as a CVMFS repository's settings say. */
export function createTreeMaker(repository: CvmfsRepositorySettings, _cacheDirectory: string): TreeMaker {
  const { owners, limits } = repository;
  return {
    make: ({ layers }, target, { signal }) =>
      flatten({
        layers,
        target,
        owners,
        signal,
        limits: {
          totalBytes: limits.bytes,
          fileBytes: limits.fileBytes,
          entries: limits.entries,
          depth: limits.depth,
        },
      }),
    discard: discardTree,
  };
}

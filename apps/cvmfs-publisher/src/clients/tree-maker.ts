import { permanent } from '#errors';
import { discardTree, flatten } from '#oci';
import type { CvmfsRepositorySettings } from '#settings';
import type { TreeMaker } from '../publishing/tree.js';

/** Makes trees as a CVMFS repository's settings say. */
export function createTreeMaker(repository: CvmfsRepositorySettings, _cacheDirectory: string): TreeMaker {
  const { owners, limits } = repository;
  return {
    make: async ({ layers }, target, { signal }) => {
      if (layers.length > limits.layers) {
        const text = `the image has ${layers.length} layers; ${limits.layers} are allowed`;
        throw permanent('image.too_many_layers', text);
      }
      return flatten({
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
      });
    },
    discard: discardTree,
  };
}

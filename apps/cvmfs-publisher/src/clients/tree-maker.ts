import { permanent } from '#errors';
import { apptainerFiles, catalogMarker, discardTree, flatten, type TreeLimits } from '#oci';
import type { CvmfsRepositorySettings } from '#contracts';
import type { TreeMaker } from '../publishing/tree.js';

/** Makes trees as a CVMFS repository's settings say. Keeps what layers hold by name in the index directory. */
export function createTreeMaker(repository: CvmfsRepositorySettings, indexDirectory: string): TreeMaker {
  const { owners, bindPoints } = repository;
  const limits = limitsOf(repository);
  const maxLayers = repository.limits.layers;
  return {
    make: async ({ layers, config }, target, { reuse, signal, onProgress }) => {
      if (layers.length > maxLayers) {
        const text = `the image has ${layers.length} layers; ${maxLayers} are allowed`;
        throw permanent('image.too_many_layers', text);
      }
      const made = await flatten({
        layers,
        target,
        owners,
        limits,
        indexDirectory,
        reuse,
        signal,
        additions: [catalogMarker, ...apptainerFiles(config, bindPoints)],
        onProgress: ({ bytes, files }) => onProgress?.({ bytesDone: bytes, filesDone: files }),
      });
      const { files, hardLinks, directories, bytes, reusedFiles, leftOut } = made;
      return { files: files + hardLinks, directories, bytes, reusedFiles, leftOut };
    },
    discard: discardTree,
  };
}

const limitsOf = ({ limits }: CvmfsRepositorySettings): Partial<TreeLimits> => ({
  totalBytes: limits.bytes,
  fileBytes: limits.fileBytes,
  entries: limits.entries,
  depth: limits.depth,
});

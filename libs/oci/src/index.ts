export type {
  FetchProgress,
  ImageContent,
  ImageName,
  ImageSource,
  LayerBlob,
  OpenOptions,
  ResolvedImage,
  SourceImage,
} from './image-source.js';
export { buildLayer, buildTar, layerOf, type BuiltLayer, type LayerEntry } from './registry/build-layer.js';
export {
  pushDocument,
  pushImage,
  type ImageToPush,
  type PushedDocument,
  type PushTarget,
} from './registry/push-image.js';
export { digestOf } from './registry/digest.js';
export { mediaTypes } from './registry/media-types.js';
export { discardTree } from './tree/discard-tree.js';
export { flatten, type FlattenOptions, type FlattenResult } from './tree/flatten.js';
export type { ReusableTree } from './tree/reusable-tree.js';
export { defaultLimits, type TreeLimits } from './tree/limits.js';
export type { Owners } from './tree/tree-writer.js';
export type { UnpackCounts } from './tree/unpack-messages.js';
export { BlobCache, type BlobCacheOptions, type BlobLease } from './blobs/blob-cache.js';
export { type Credentials } from './registry/authorizer.js';
export { formatReference, normalName, parseReference } from './registry/reference.js';
export { type RegistrySettings } from './registry/registry-client.js';
export { RegistryImageSource, type RegistrySourceOptions } from './registry/registry.source.js';
export { DockerImageSource, type DockerSourceOptions } from './docker/docker.source.js';
export { type EngineAddress } from './docker/engine.js';
export { apptainerFiles } from './apptainer/start-up-files.js';
export { catalogMarker, type TreeAddition } from './tree/additions.js';

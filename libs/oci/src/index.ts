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

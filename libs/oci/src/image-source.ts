import type { ImageOrigin } from '#contracts';
import type { Growth } from './blobs/growth.js';

/** A blob's file of which some may be read. */
export interface ReadableBlob {
  readonly path: string;
  /** Of one that is still being written and not verified yet; the whole blob has none. */
  readonly growth?: Growth;
}

/** One layer of an image whose blob may still be on its way. */
export interface LayerBlob {
  /** Digest of the blob as it is stored, `sha256:<hex>`. */
  readonly digest: string;
  /** Digest of the layer's uncompressed tar, from the image's configuration. */
  readonly diffId?: string;
  /** Bytes of the blob as it is stored; 0 when nobody said. */
  readonly size: number;
  readonly mediaType: string;
  /**
   * Resolves to the path of the blob's file once it is whole and verified. The file stays until the image is closed.
   * Rejects with an AppError `registry.*` when it cannot be had.
   */
  ready(): Promise<string>;
  /**
   * Resolves as soon as the blob can be read from its beginning; where it is missing, only whole blobs can be had. What is
   * read of one that grows counts for nothing until it is whole: see `readGrowing`. Rejects as `ready` does.
   */
  begun?(): Promise<ReadableBlob>;
}

/** An image that is being read: its documents are here, its layers arrive. */
export interface SourceImage {
  readonly registry: string;
  readonly repository: string;
  /** Digest of the platform's manifest. */
  readonly digest: string;
  /** The manifest's bytes as the digest covers them. */
  readonly manifest: Buffer;
  /** The image's configuration as its descriptor's digest covers it. */
  readonly config: Buffer;
  /** `os/architecture` or `os/architecture/variant`. */
  readonly platform: string;
  /** Bottom first. */
  readonly layers: readonly LayerBlob[];
  /** Sum of the layers' sizes. */
  readonly bytes: number;
  /** Lets go of the blobs and stops what is still being fetched. */
  close(): Promise<void>;
}

/** A name for an image; a digest wins over a tag, neither means `latest`. */
export interface ImageName {
  /** Host, with its port if it has one; Docker Hub is `docker.io`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** An image by content. The digest may be that of an index or of a manifest. */
export interface ImageContent {
  readonly registry: string;
  readonly repository: string;
  readonly digest: string;
}

/** What a name stands for at this moment on one platform. */
export interface ResolvedImage {
  /** Digest of the platform's manifest. */
  readonly digest: string;
  readonly platform: string;
  /** Where the image says that it was built. */
  readonly origin?: ImageOrigin | undefined;
}

/** Bytes of one image's layers, as they arrive. */
export interface FetchProgress {
  readonly fetchedBytes: number;
  readonly totalBytes: number;
}

/** How an image's layers are fetched. */
export interface OpenOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
}

/** Where images come from. Errors are AppErrors with codes `registry.*`, `docker.*` or `image.*`. */
export interface ImageSource {
  resolve(
    name: ImageName,
    platform: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<ResolvedImage>;
  open(image: ImageContent, platform: string, options: OpenOptions): Promise<SourceImage>;
}

import { readFile } from 'node:fs/promises';
import { permanent } from '#errors';
import type { BlobCache, FillBlob } from '../blobs/blob-cache.js';
import type {
  ImageContent,
  ImageName,
  ImageSource,
  OpenOptions,
  ResolvedImage,
  SourceImage,
} from '../image-source.js';
import { fetchBlob } from './fetch-blob.js';
import { findManifest, type FoundManifest } from './find-manifest.js';
import { maxConfigBytes, parseImageConfig, type ImageConfig } from './image-config.js';
import type { Descriptor } from './image-document.js';
import { originIn } from './image-origin.js';
import { LayerFetch, type FetchEvents, type FetchLayer } from './layer-fetch.js';
import { fit, parsePlatformName, platformName } from './platform.js';
import { formatReference, normalHost, normalName } from './reference.js';
import { mayBeInsecure, RegistryClient, type RegistrySettings } from './registry-client.js';
import { defaultRetry, type RetryPolicy } from './retry.js';
import { defaultTransport, Transport, type TransportOptions } from './transport.js';

/** Which registries are asked how, and what an image may cost while it is fetched. */
export interface RegistrySourceOptions {
  readonly cache: BlobCache;
  /** What is known of single registries; any other is asked over https and anonymously. */
  readonly registries?: readonly RegistrySettings[];
  /** Speak http to `localhost` and 127.0.0.0/8 without their being marked insecure. */
  readonly allowInsecureLocalhost?: boolean;
  /** Layers of one image that are fetched at once, where a registry's own settings say nothing; 4. */
  readonly parallelLayers?: number;
  /** Bytes of all layers of an image as they are stored; more is `image.too_large`. 200 GB unless told. */
  readonly imageBytes?: number;
  readonly retry?: RetryPolicy;
  readonly transport?: TransportOptions;
}

/** An image that somebody wants, by its normal name. */
interface Asked {
  readonly name: ImageName;
  readonly platform: string;
  readonly signal: AbortSignal;
}

/** Images from registries, over the OCI distribution API. */
export class RegistryImageSource implements ImageSource {
  private readonly transport: Transport;
  private readonly clients = new Map<string, RegistryClient>();
  private readonly retry: RetryPolicy;

  constructor(private readonly options: RegistrySourceOptions) {
    this.transport = new Transport(options.transport ?? defaultTransport);
    this.retry = options.retry ?? defaultRetry;
  }

  /** The digest of the platform's manifest that the name stands for now. */
  async resolve(
    name: ImageName,
    platform: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<ResolvedImage> {
    const asked = { name: normalName(name), platform, signal: signal ?? new AbortController().signal };
    const found = await this.find(asked);
    const { config } = await this.config(asked, found);
    return {
      digest: found.digest,
      platform: config.platform ? platformName(config.platform) : platform,
      origin: originIn(config.labels, found.document.annotations),
    };
  }

  /** Opens an image by digest and begins to fetch its layers, the top one first. */
  async open(image: ImageContent, platform: string, options: OpenOptions): Promise<SourceImage> {
    const name = normalName(image);
    const asked = { name, platform, signal: options.signal };
    const found = await this.find(asked);
    // The top layer sets out while the configuration is still on its way.
    const layers = new LayerFetch({
      descriptors: found.document.layers,
      parallel: this.settings(name.registry)?.parallelLayers ?? this.options.parallelLayers ?? 4,
      signal: options.signal,
      fetch: (descriptor, signal, events) => this.blob(name, descriptor, signal, events),
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    });
    try {
      const { config, bytes } = await this.config(asked, found);
      return {
        registry: name.registry,
        repository: name.repository,
        digest: found.digest,
        manifest: found.bytes,
        config: bytes,
        platform: config.platform ? platformName(config.platform) : platform,
        layers: layers.blobs(config.diffIds),
        bytes: layers.totalBytes,
        close: () => layers.close(),
      };
    } catch (error) {
      await layers.close();
      throw error;
    }
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.transport.close();
  }

  private async find({ name, platform, signal }: Asked): Promise<FoundManifest> {
    const client = this.client(name.registry);
    const found = await findManifest(
      (reference) => client.document(name.repository, reference, signal),
      name.digest ?? name.tag ?? 'latest',
      platform,
    );
    const { config: descriptor, layers } = found.document;
    if (descriptor.size > maxConfigBytes) {
      throw permanent(
        'image.invalid_config',
        `the image’s configuration is larger than ${maxConfigBytes} bytes`,
      );
    }
    this.checkSize(layers);
    return found;
  }

  private async config(
    { name, platform, signal }: Asked,
    { document: { config: descriptor, layers } }: FoundManifest,
  ): Promise<{ config: ImageConfig; bytes: Buffer }> {
    const lease = await this.blob(name, descriptor, signal);
    const bytes = await readFile(lease.path);
    await lease.release();
    const config = parseImageConfig(bytes, layers.length);
    if (config.platform && fit(parsePlatformName(platform), config.platform) === undefined) {
      const subject = formatReference(name);
      const own = platformName(config.platform);
      throw permanent('image.no_platform', `the image is for ${own}, not for ${platform}`, { subject });
    }
    return { config, bytes };
  }

  private blob(
    { registry, repository }: ImageName,
    descriptor: Descriptor,
    signal: AbortSignal,
    { onBytes, onArriving }: FetchEvents = {},
  ): ReturnType<FetchLayer> {
    const { retry, transport } = this;
    const client = this.client(registry);
    const fill: FillBlob = (blob, shared) =>
      fetchBlob(
        {
          client,
          repository,
          descriptor,
          retry,
          stallTimeoutMs: transport.stallTimeoutMs,
          signal: shared,
          ...(onBytes ? { onBytes } : {}),
        },
        blob,
      );
    return this.options.cache.acquire(descriptor.digest, descriptor.size, signal, fill, onArriving);
  }

  private client(registry: string): RegistryClient {
    const known = this.clients.get(registry);
    if (known) return known;
    const own = this.settings(registry);
    const insecure = mayBeInsecure(registry, own, this.options.allowInsecureLocalhost === true);
    const client = new RegistryClient({ ...own, host: registry, insecure }, this.transport, this.retry);
    this.clients.set(registry, client);
    return client;
  }

  /** Before anything is fetched: the cache makes room for what a manifest announces. */
  private checkSize(layers: readonly Descriptor[]): void {
    const limit = this.options.imageBytes ?? 200e9;
    const bytes = layers.reduce((sum, { size }) => sum + size, 0);
    if (bytes <= limit) return;
    throw permanent('image.too_large', `the image’s layers have ${bytes} bytes, more than ${limit}`);
  }

  private settings(registry: string): RegistrySettings | undefined {
    return this.options.registries?.find(({ host }) => normalHost(host) === registry);
  }
}

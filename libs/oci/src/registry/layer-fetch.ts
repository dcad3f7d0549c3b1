import { AppError, permanent } from '#errors';
import type { BlobLease } from '../blobs/blob-cache.js';
import type { FetchProgress, LayerBlob } from '../image-source.js';
import type { Descriptor } from './image-document.js';
import { isForeignLayer } from './media-types.js';

export type FetchLayer = (
  descriptor: Descriptor,
  signal: AbortSignal,
  onBytes?: (received: number) => void,
) => Promise<BlobLease>;

export interface LayerFetchOptions {
  /** Bottom first. */
  readonly descriptors: readonly Descriptor[];
  /** How many are fetched at once. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  readonly fetch: FetchLayer;
  readonly onProgress?: (progress: FetchProgress) => void;
}

/** All layers of one image on their way: the top one first, for a tree is made from the top down. */
export class LayerFetch {
  readonly totalBytes: number;
  private readonly controller = new AbortController();
  private readonly leases = new Map<string, Promise<BlobLease>>();
  private readonly received = new Map<string, number>();
  private readonly queue: (() => void)[] = [];
  private running = 0;

  constructor(private readonly options: LayerFetchOptions) {
    const { descriptors, signal } = options;
    const unique = new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor]));
    this.totalBytes = [...unique.values()].reduce((sum, { size }) => sum + size, 0);
    for (const descriptor of [...descriptors].reverse()) void this.begin(descriptor);
    if (signal.aborted) this.controller.abort();
    else signal.addEventListener('abort', this.abort, { once: true });
  }

  /** The layers, bottom first, once the image's configuration says what is in them. */
  blobs(diffIds: readonly string[]): readonly LayerBlob[] {
    return this.options.descriptors.map((descriptor, index): LayerBlob => {
      const diffId = diffIds[index];
      return {
        digest: descriptor.digest,
        size: descriptor.size,
        mediaType: descriptor.mediaType,
        ...(diffId === undefined ? {} : { diffId }),
        ready: async () => (await this.begin(descriptor)).path,
      };
    });
  }

  /** Stops what is under way and lets go of what is here. */
  async close(): Promise<void> {
    this.options.signal.removeEventListener('abort', this.abort);
    this.abort();
    const leases = await Promise.allSettled(this.leases.values());
    const held = leases.flatMap((lease) => (lease.status === 'fulfilled' ? [lease.value] : []));
    await Promise.all(held.map((lease) => lease.release()));
    this.leases.clear();
  }

  private readonly abort = (): void => this.controller.abort();

  private begin(descriptor: Descriptor): Promise<BlobLease> {
    const begun = this.leases.get(descriptor.digest);
    if (begun) return begun;
    const lease = this.turn().then(() => this.fetch(descriptor));
    // Whoever waits for this layer hears of the failure; nobody may be waiting yet.
    lease.catch(() => undefined);
    this.leases.set(descriptor.digest, lease);
    return lease;
  }

  private async fetch(descriptor: Descriptor): Promise<BlobLease> {
    const { digest, size, mediaType } = descriptor;
    try {
      const lease = await this.options.fetch(descriptor, this.controller.signal, (bytes) =>
        this.progress(digest, bytes),
      );
      this.progress(digest, size);
      return lease;
    } catch (error) {
      if (isForeignLayer(mediaType) && error instanceof AppError && error.code === 'registry.not_found') {
        const why = `${digest} is a layer that its maker keeps out of registries, and this one does not have it`;
        throw permanent('image.foreign_layer', why, { subject: digest, cause: error });
      }
      throw error;
    } finally {
      this.running--;
      this.queue.shift()?.();
    }
  }

  private async turn(): Promise<void> {
    if (this.running >= this.options.parallel) {
      await new Promise<void>((resolve) => this.queue.push(resolve));
    }
    this.running++;
  }

  private progress(digest: string, bytes: number): void {
    this.received.set(digest, bytes);
    const fetchedBytes = [...this.received.values()].reduce((sum, one) => sum + one, 0);
    this.options.onProgress?.({ fetchedBytes, totalBytes: this.totalBytes });
  }
}

import { AppError, permanent } from '#errors';
import type { ArrivingBlob, BlobLease } from '../blobs/blob-cache.js';
import type { FetchProgress, LayerBlob, ReadableBlob } from '../image-source.js';
import type { Descriptor } from './image-document.js';
import { isForeignLayer } from './media-types.js';

/** Told while a blob comes; `received` counts its bytes from the beginning, those of earlier tries too. */
export interface FetchEvents {
  readonly onBytes?: (received: number) => void;
  /** Some of it can be read. */
  readonly onArriving?: (arriving: ArrivingBlob) => void;
}

/** Brings a layer into the blob cache, and holds it there until the lease is released. */
export type FetchLayer = (
  descriptor: Descriptor,
  signal: AbortSignal,
  events?: FetchEvents,
) => Promise<BlobLease>;

/** A layer on its way. */
interface Fetching {
  readonly lease: Promise<BlobLease>;
  /** Never resolves for a layer that is here at once. */
  readonly arriving: Promise<ArrivingBlob>;
}

/** Which layers are fetched, how, and who is told how far it is. */
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
  private readonly fetches = new Map<string, Fetching>();
  private readonly arrivals: ArrivingBlob[] = [];
  private readonly received = new Map<string, number>();
  private readonly queue: (() => void)[] = [];
  private running = 0;

  constructor(private readonly options: LayerFetchOptions) {
    const { descriptors, signal } = options;
    const unique = new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor]));
    this.totalBytes = [...unique.values()].reduce((sum, { size }) => sum + size, 0);
    // The top one alone, for a tag that moved the only one: all would be in the way of the configuration.
    const top = descriptors.at(-1);
    if (top !== undefined) this.begin(top);
    if (signal.aborted) this.controller.abort();
    else signal.addEventListener('abort', this.abort, { once: true });
  }

  /** Fetches all layers: bottom first, once the image's configuration says what is in them. */
  blobs(diffIds: readonly string[]): readonly LayerBlob[] {
    for (const descriptor of [...this.options.descriptors].reverse()) this.begin(descriptor);
    return this.options.descriptors.map((descriptor, index): LayerBlob => {
      const diffId = diffIds[index];
      return {
        digest: descriptor.digest,
        size: descriptor.size,
        mediaType: descriptor.mediaType,
        ...(diffId === undefined ? {} : { diffId }),
        ready: async () => (await this.begin(descriptor).lease).path,
        begun: () => this.reach(this.begin(descriptor)),
      };
    });
  }

  /** Stops what is under way and lets go of what is here. */
  async close(): Promise<void> {
    this.options.signal.removeEventListener('abort', this.abort);
    this.abort();
    const leases = await Promise.allSettled([...this.fetches.values()].map(({ lease }) => lease));
    const held = leases.flatMap((lease) => (lease.status === 'fulfilled' ? [lease.value] : []));
    await Promise.all([...held, ...this.arrivals].map((one) => one.release()));
    this.fetches.clear();
  }

  private readonly abort = (): void => this.controller.abort();

  private begin(descriptor: Descriptor): Fetching {
    const begun = this.fetches.get(descriptor.digest);
    if (begun) return begun;
    let arrive: (arriving: ArrivingBlob) => void = () => undefined;
    const arriving = new Promise<ArrivingBlob>((resolve) => {
      arrive = resolve;
    });
    const onArriving = (one: ArrivingBlob): void => {
      // Nobody would let go of it once this image is closed.
      if (this.controller.signal.aborted) return void one.release();
      this.arrivals.push(one);
      arrive(one);
    };
    const lease = this.turn().then(() => this.fetch(descriptor, onArriving));
    // Whoever waits for this layer hears of the failure; nobody may be waiting yet.
    lease.catch(() => undefined);
    const fetching = { lease, arriving };
    this.fetches.set(descriptor.digest, fetching);
    return fetching;
  }

  private async reach({ lease, arriving }: Fetching): Promise<ReadableBlob> {
    return Promise.race([lease.then(({ path }) => ({ path })), arriving]);
  }

  private async fetch(
    descriptor: Descriptor,
    onArriving: (arriving: ArrivingBlob) => void,
  ): Promise<BlobLease> {
    const { digest, size, mediaType } = descriptor;
    try {
      const onBytes = (bytes: number): void => this.progress(digest, bytes);
      const lease = await this.options.fetch(descriptor, this.controller.signal, { onBytes, onArriving });
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

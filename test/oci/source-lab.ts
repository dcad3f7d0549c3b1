import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobCache, RegistryImageSource, type RegistrySourceOptions, type SourceImage } from '#oci';

/** The source under test; `directory` is its cache's, for a look at what lies there. */
export interface SourceLab {
  readonly source: RegistryImageSource;
  readonly cache: BlobCache;
  readonly directory: string;
  close(): Promise<void>;
}

/** A registry source with a cache of its own and little patience: every wait is short. */
export async function sourceLab(options: Partial<RegistrySourceOptions> = {}): Promise<SourceLab> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-source-'));
  const cache = await BlobCache.open({ directory, limitBytes: 1e9 });
  const source = new RegistryImageSource({
    cache,
    allowInsecureLocalhost: true,
    retry: { attempts: 4, firstDelayMs: 5, maxDelayMs: 20, maxRetryAfterSeconds: 2 },
    transport: { connectTimeoutMs: 2000, stallTimeoutMs: 500, userAgent: 'slipway-test' },
    ...options,
  });
  return {
    source,
    cache,
    directory,
    close: async () => {
      await source.close();
      await cache.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The bytes of every layer of an image, bottom first; closes it. */
export async function layersOf(image: SourceImage): Promise<readonly Buffer[]> {
  try {
    return await Promise.all(image.layers.map(async (layer) => readFile(await layer.ready())));
  } finally {
    await image.close();
  }
}

import { permanent } from '#errors';
import type { BlobCache } from '../blobs/blob-cache.js';
import type {
  ImageContent,
  ImageName,
  ImageSource,
  OpenOptions,
  ResolvedImage,
  SourceImage,
} from '../image-source.js';
import type { Credentials } from '../registry/authorizer.js';
import { originIn } from '../registry/image-origin.js';
import { fit, parsePlatformName, platformName } from '../registry/platform.js';
import { formatReference, normalHost, normalName, parseReference } from '../registry/reference.js';
import { Engine, type EngineAddress, type EngineImage } from './engine.js';
import { engineError } from './engine-error.js';
import { defaultArchiveLimits, SavedArchive, type ArchiveLimits } from './saved-archive.js';
import { readSavedImage } from './saved-image.js';

/** Which engine pulls, as whom, and where the layers go that it hands out. */
export interface DockerSourceOptions {
  readonly cache: BlobCache;
  readonly engine: EngineAddress;
  /** Who the engine is to be at a registry; it has none of its own here. */
  readonly registries?: readonly {
    readonly host: string;
    readonly credentials?: Credentials;
    /** Called when the engine pulled with the credentials. */
    readonly onLogin?: () => void;
  }[];
  /** Leave pulled images in the engine; else what was pulled for us goes when it has been read. */
  readonly keepImages?: boolean;
  readonly limits?: ArchiveLimits;
}

/**
 * Images through a Docker engine: it pulls, and its `docker save` is read as a stream. For registries that only the
 * engine can reach. A digest is the one of the engine's RepoDigests: of the index, where the image has one.
 */
export class DockerImageSource implements ImageSource {
  private readonly engine: Engine;
  private readonly pulled = new Set<string>();

  constructor(private readonly options: DockerSourceOptions) {
    this.engine = new Engine(options.engine);
  }

  /** Has the engine pull the tag and returns the digest that it found; `docker.no_digest` when it tells none. */
  async resolve(
    unchecked: ImageName,
    platform: string,
    { signal = new AbortController().signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<ResolvedImage> {
    const name = normalName(unchecked);
    const reference = nameForEngine(name);
    const said = await this.pull(name, reference, platform, signal);
    const image = await this.engine.inspect(reference, signal);
    const known = image?.repoDigests.map(parseReference).filter((one) => isSameRepository(one, name)) ?? [];
    const digest = known.find((one) => one.digest === said)?.digest ?? known.at(-1)?.digest;
    if (!image || digest === undefined) {
      throw permanent('docker.no_digest', 'the engine knows no digest of the image', { subject: reference });
    }
    return {
      digest,
      platform: platformName(checked(image, platform, reference)),
      origin: originIn(image.labels),
    };
  }

  /** Reads an image from the engine, which pulls it first unless it has it. All layers are there when this returns. */
  async open(unchecked: ImageContent, platform: string, options: OpenOptions): Promise<SourceImage> {
    const { signal } = options;
    const name = normalName(unchecked);
    const reference = nameForEngine(name);
    const image = await this.present(name, reference, platform, signal);
    const own = checked(image, platform, reference);
    const archive = await this.save(image, options);
    try {
      const { configBytes, config, manifest, layers } = await readSavedImage(archive);
      if (config.diffIds.join() !== image.diffIds.join()) {
        throw permanent('docker.invalid_archive', 'the engine saved another image than it was asked for');
      }
      return {
        registry: name.registry,
        repository: name.repository,
        digest: unchecked.digest,
        manifest,
        config: configBytes,
        platform: platformName(own),
        layers,
        bytes: [...new Map(layers.map(({ digest, size }) => [digest, size])).values()].reduce(
          (a, b) => a + b,
          0,
        ),
        close: () => archive.release(),
      };
    } catch (error) {
      await archive.release();
      throw error;
    } finally {
      await this.forget(reference);
    }
  }

  private async save(image: EngineImage, { signal, onProgress }: OpenOptions): Promise<SavedArchive> {
    const stream = await this.engine.save(image.id, signal);
    const stop = (): void => void stream.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await SavedArchive.read(
        stream,
        this.options.cache,
        this.options.limits ?? defaultArchiveLimits,
        (bytes) => onProgress?.({ fetchedBytes: bytes, totalBytes: bytes }),
      );
    } catch (error) {
      throw signal.aborted ? engineError(undefined, signal) : error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  private async present(
    name: ImageName,
    reference: string,
    platform: string,
    signal: AbortSignal,
  ): Promise<EngineImage> {
    const here = await this.engine.inspect(reference, signal);
    if (here && fit(parsePlatformName(platform), here) !== undefined) return here;
    await this.pull(name, reference, platform, signal);
    const pulled = await this.engine.inspect(reference, signal);
    if (pulled) return pulled;
    throw permanent('docker.no_digest', 'the engine does not know the image that it pulled', {
      subject: reference,
    });
  }

  private async pull(
    { registry }: ImageName,
    reference: string,
    platform: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const had = await this.engine.inspect(reference, signal);
    const own = this.options.registries?.find(({ host }) => normalHost(host) === registry);
    const digest = await this.engine.pull(reference, platform, own?.credentials, signal);
    own?.onLogin?.();
    if (!had) this.pulled.add(reference);
    return digest;
  }

  /** Only what was pulled for us: the engine may have other users. */
  private async forget(reference: string): Promise<void> {
    if (this.options.keepImages === true) return;
    const repository = reference.replace(/[:@][^/]*$/, '');
    for (const one of [...this.pulled].filter((other) => other.replace(/[:@][^/]*$/, '') === repository)) {
      this.pulled.delete(one);
      await this.engine.forget(one);
    }
  }
}

/** A digest names the content alone: with a tag beside it an engine would pull the tag. */
const nameForEngine = ({ tag, ...name }: ImageName): string =>
  formatReference(name.digest === undefined ? { ...name, tag: tag ?? 'latest' } : name);

const isSameRepository = (a: ImageName, b: ImageName): boolean =>
  a.registry === b.registry && a.repository === b.repository;

function checked(image: EngineImage, platform: string, subject: string) {
  const { os, architecture, variant } = image;
  const own = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  if (fit(parsePlatformName(platform), own) !== undefined) return own;
  throw permanent('image.no_platform', `the image is for ${platformName(own)}, not for ${platform}`, {
    subject,
  });
}

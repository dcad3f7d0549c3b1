import { permanent, type AppError } from '#errors';
import type { LayerBlob } from '../image-source.js';
import { isDigest, matches } from '../registry/digest.js';
import { parseImageConfig, type ImageConfig } from '../registry/image-config.js';
import { mediaTypes } from '../registry/media-types.js';
import type { SavedArchive } from './saved-archive.js';

/** The one image of a `docker save` archive. */
export interface SavedImage {
  readonly configBytes: Buffer;
  readonly config: ImageConfig;
  /** An OCI manifest of these layers: the registry's own is not in the archive. */
  readonly manifest: Buffer;
  readonly layers: readonly LayerBlob[];
}

/**
 * Reads the archive's `manifest.json`, which both layouts have: in the old one it names `<id>/layer.tar` files, which
 * may be links to each other, in the OCI one `blobs/sha256/<hex>`. Every name that is a digest is checked against the
 * content, and the layers against the configuration's diff ids. `docker.invalid_archive` or `registry.digest_mismatch`,
 * permanent, otherwise.
 */
export async function readSavedImage(archive: SavedArchive): Promise<SavedImage> {
  const { Config: configName, Layers: layerNames } = imageIn(await archive.document('manifest.json'));
  const configBytes = await archive.document(configName);
  const named = digestIn(configName);
  if (named !== undefined && !matches(named, configBytes)) throw mismatch(configName);
  const config = parseImageConfig(configBytes, layerNames.length);
  const layers: LayerBlob[] = [];
  for (const [index, name] of layerNames.entries()) {
    layers.push(await layerOf(archive, name, config.diffIds[index] ?? ''));
  }
  return { configBytes, config, layers, manifest: manifestOf(archive, configName, layers) };
}

async function layerOf(archive: SavedArchive, name: string, diffId: string): Promise<LayerBlob> {
  const { digest, size, path } = archive.blob(name);
  const mediaType = layerType(await archive.magic(name));
  const named = digestIn(name);
  if (named !== undefined && named !== digest) throw mismatch(name);
  // A compressed layer's diff id shows when it is unpacked, and is checked there.
  if (mediaType === mediaTypes.ociLayer && diffId !== digest) throw mismatch(name);
  return { digest, diffId, size, mediaType, ready: () => Promise.resolve(path) };
}

function layerType(magic: Buffer): string {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return mediaTypes.ociLayerGzip;
  const isZstd = magic.length === 4 && magic.readUInt32LE() === 0xfd2fb528;
  return isZstd ? mediaTypes.ociLayerZstd : mediaTypes.ociLayer;
}

interface SavedManifest {
  readonly Config: string;
  readonly Layers: readonly string[];
}

function imageIn(bytes: Buffer): SavedManifest {
  let images: unknown;
  try {
    images = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid('manifest.json is not JSON');
  }
  if (!Array.isArray(images) || images.length !== 1) throw invalid('manifest.json does not list one image');
  const { Config, Layers } = (images[0] ?? {}) as Partial<SavedManifest>;
  const isList =
    Array.isArray(Layers) && Layers.length <= 1000 && Layers.every((name) => typeof name === 'string');
  if (typeof Config !== 'string' || !isList) throw invalid('manifest.json lacks Config or Layers');
  return { Config, Layers };
}

/** The digest that a name claims: `blobs/sha256/<hex>` or `<hex>.json`. */
function digestIn(name: string): string | undefined {
  const hex = /^(?:blobs\/sha256\/([0-9a-f]{64})|([0-9a-f]{64})\.json)$/.exec(name);
  const digest = `sha256:${hex?.[1] ?? hex?.[2] ?? ''}`;
  return isDigest(digest) ? digest : undefined;
}

function manifestOf(archive: SavedArchive, configName: string, layers: readonly LayerBlob[]): Buffer {
  const config = archive.blob(configName);
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: config.digest, size: config.size },
      layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    }),
  );
}

const invalid = (why: string): AppError =>
  permanent('docker.invalid_archive', `what the engine saved is no image: ${why}`);
const mismatch = (name: string): AppError =>
  permanent(
    'registry.digest_mismatch',
    `the content of ${name} in the engine’s archive is not what its name says`,
  );

import { isUtf8 } from 'node:buffer';
import { permanent, type AppError } from '#errors';
import { isDigest } from './digest.js';
import { documentKind, isConfigType, isLayerType, type DocumentKind } from './media-types.js';

/** A reference from one document to another or to a blob (OCI image specification, "descriptor"). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** A manifest that an index offers. */
export interface IndexEntry extends Descriptor {
  readonly platform: Platform | undefined;
  /** Made by a build tool about another manifest; no image. */
  readonly isAttestation: boolean;
}

/** What an image runs on, in the words of the OCI image index. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** The image of one platform: configuration and layers, bottom first. */
export interface ManifestDocument {
  readonly kind: 'manifest';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** As they came: nothing is known of them. */
  readonly annotations?: unknown;
}

/** A Docker list or an OCI index: the same image for several platforms. */
export interface IndexDocument {
  readonly kind: 'index';
  readonly manifests: readonly IndexEntry[];
}

/** More layers or platforms than any engine can use. */
const maxItems = 1000;

type Json = Readonly<Record<string, unknown>>;

/**
 * What a registry sent, understood: a Docker or OCI manifest, list or index. Refused, all permanent: what is no such
 * document or could be read as two (`image.invalid_manifest`, CVE-2021-41190), schema 1 (`image.schema1`), artifacts
 * that are no images (`image.not_an_image`), encrypted or unknown layers (`image.unknown_layer`) and digests that are
 * none (`image.invalid_digest`).
 */
export function parseImageDocument(
  bytes: Buffer,
  contentType: string | undefined,
): ManifestDocument | IndexDocument {
  const json = parseJson(bytes);
  const kind = kindOf(json, contentType);
  if (kind === 'schema1') {
    throw permanent(
      'image.schema1',
      'the image has a schema 1 manifest, which cannot be verified; push it again',
    );
  }
  return kind === 'index' ? parseIndex(json) : parseManifest(json);
}

function kindOf(json: Json, contentType: string | undefined): DocumentKind {
  if (json.schemaVersion === 1) return 'schema1';
  if (json.schemaVersion !== 2) throw invalid(`its schemaVersion is ${JSON.stringify(json.schemaVersion)}`);
  const isIndex = json.manifests !== undefined;
  const isManifest = json.layers !== undefined || json.config !== undefined;
  if (isIndex && isManifest) throw invalid('it could be read as a manifest and as an index');
  if (!isIndex && !isManifest) throw invalid('it has neither layers nor manifests');
  const shape = isIndex ? 'index' : 'manifest';
  const said = json.mediaType;
  if (said !== undefined && (typeof said !== 'string' || documentKind(said) !== shape)) {
    throw invalid(`it is shaped like an ${shape} but says it is ${shown(said)}`);
  }
  const sent = documentKind(contentType);
  if (sent !== undefined && (sent !== shape || (said ?? contentType) !== contentType)) {
    throw invalid(`the registry sent it as ${contentType}, which it is not`);
  }
  return shape;
}

function parseManifest(json: Json): ManifestDocument {
  const config = descriptor(json.config, 'config');
  const layers = list(json.layers, 'layers').map((layer) => descriptor(layer, 'layer'));
  if (!isConfigType(config.mediaType)) {
    const what = typeof json.artifactType === 'string' ? json.artifactType : config.mediaType;
    throw permanent('image.not_an_image', `it is an artifact of type ${shown(what)}, not an image`);
  }
  for (const { mediaType } of layers) {
    if (isLayerType(mediaType)) continue;
    if (!/image\.(?:layer|rootfs)\./.test(mediaType)) {
      throw permanent('image.not_an_image', `it holds ${shown(mediaType)}, not the layers of an image`);
    }
    throw permanent(
      'image.unknown_layer',
      `a layer has the type ${shown(mediaType)}, which cannot be unpacked`,
    );
  }
  return { kind: 'manifest', config, layers, annotations: json.annotations };
}

function parseIndex(json: Json): IndexDocument {
  const manifests = list(json.manifests, 'manifests').map((entry): IndexEntry => {
    const { platform, annotations, artifactType } = object(entry, 'manifest descriptor');
    const about = (annotations as Json | undefined)?.['vnd.docker.reference.type'];
    return {
      ...descriptor(entry, 'manifest descriptor'),
      platform: parsePlatform(platform),
      isAttestation: about !== undefined || artifactType !== undefined,
    };
  });
  return { kind: 'index', manifests };
}

function parsePlatform(value: unknown): Platform | undefined {
  if (value === undefined) return undefined;
  const { os, architecture, variant } = object(value, 'platform');
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined;
  return { os, architecture, ...(typeof variant === 'string' && variant !== '' ? { variant } : {}) };
}

function descriptor(value: unknown, what: string): Descriptor {
  const { mediaType, digest, size } = object(value, what);
  if (!isDigest(digest))
    throw permanent('image.invalid_digest', `not a sha256 or sha512 digest: ${shown(digest)}`);
  if (typeof mediaType !== 'string') throw invalid(`a ${what} has no media type`);
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw invalid(`a ${what} has no size`);
  return { mediaType, digest, size: size as number };
}

function parseJson(bytes: Buffer): Json {
  let json: unknown;
  try {
    json = isUtf8(bytes) ? JSON.parse(bytes.toString('utf8')) : undefined;
  } catch {
    json = undefined;
  }
  if (json === undefined) throw invalid('it is not JSON');
  return object(json, 'document');
}

function object(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`a ${what} is no object`);
  return value as Json;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`its ${what} are no list`);
  if (value.length > maxItems) throw invalid(`it has more than ${maxItems} ${what}`);
  return value as unknown[];
}

const invalid = (why: string): AppError =>
  permanent('image.invalid_manifest', `not a usable manifest: ${why}`);
const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 120) ?? 'nothing';

import { permanent, type AppError } from '#errors';
import {
  parseImageDocument,
  type IndexDocument,
  type IndexEntry,
  type ManifestDocument,
} from './image-document.js';
import { documentKind, type DocumentKind } from './media-types.js';
import { candidates, platformName, parsePlatformName } from './platform.js';
import type { FetchedDocument } from './registry-client.js';

/** The manifest of one platform. */
export interface FoundManifest {
  readonly digest: string;
  readonly bytes: Buffer;
  readonly document: ManifestDocument;
  /** Whether the reference named this manifest itself, not an index that holds it. */
  readonly isDirect: boolean;
}

/** Gets a manifest or an index by tag or digest; checks that a digest is what was asked for. */
export type FetchDocument = (reference: string) => Promise<FetchedDocument>;

/** Indexes inside indexes are legal; more than a few are an attack on whoever follows them. */
const maxDepth = 4;
const maxDocuments = 32;

/**
 * Follows a tag or digest to the manifest of a platform, through indexes and indexes inside them. Permanent errors:
 * `image.no_platform` when nothing fits, `image.index_loop` when an index leads back to itself or too deep.
 */
export async function findManifest(
  fetch: FetchDocument,
  reference: string,
  platform: string,
): Promise<FoundManifest> {
  const walk = new Walk(fetch, platform);
  const found = await walk.follow(reference, 0);
  if (found) return found;
  throw permanent('image.no_platform', `the image is not made for ${platform}${offered(walk.seen)}`);
}

class Walk {
  /** What the indexes on the way offered. */
  readonly seen: IndexEntry[] = [];
  private readonly path = new Set<string>();
  private documents = 0;

  constructor(
    private readonly fetch: FetchDocument,
    private readonly platform: string,
  ) {}

  /** `expected` is what the index that led here said it would find. */
  async follow(
    reference: string,
    depth: number,
    expected?: DocumentKind,
  ): Promise<FoundManifest | undefined> {
    if (this.path.has(reference)) throw loop('an index leads back to itself');
    if (depth > maxDepth) throw loop(`indexes are nested more than ${maxDepth} deep`);
    if (++this.documents > maxDocuments) throw loop(`the index leads to more than ${maxDocuments} documents`);
    const { bytes, digest, contentType } = await this.fetch(reference);
    const document = parseImageDocument(bytes, contentType);
    if (expected !== undefined && expected !== document.kind) {
      throw permanent(
        'image.invalid_manifest',
        `${reference} is ${document.kind}, its index says ${expected}`,
      );
    }
    if (document.kind === 'manifest') return { digest, bytes, document, isDirect: depth === 0 };
    this.path.add(reference).add(digest);
    const found = await this.choose(document, depth);
    this.path.delete(reference);
    this.path.delete(digest);
    return found;
  }

  private async choose(index: IndexDocument, depth: number): Promise<FoundManifest | undefined> {
    this.seen.push(...index.manifests);
    const fitting = candidates(index.manifests, parsePlatformName(this.platform));
    for (const entry of fitting) {
      const kind = documentKind(entry.mediaType);
      const found = kind ? await this.follow(entry.digest, depth + 1, kind) : undefined;
      if (found) return found;
    }
    return undefined;
  }
}

function offered(entries: readonly IndexEntry[]): string {
  const names = new Set(
    entries.flatMap(({ platform, isAttestation }) =>
      platform && !isAttestation && platform.os !== 'unknown' ? [platformName(platform)] : [],
    ),
  );
  return names.size > 0 ? `; it is for ${[...names].slice(0, 20).join(', ')}` : '';
}

const loop = (why: string): AppError => permanent('image.index_loop', `not a usable index: ${why}`);

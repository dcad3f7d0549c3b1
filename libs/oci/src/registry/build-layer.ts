import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { digestOf } from './digest.js';
import { mediaTypes } from './media-types.js';

/** An entry of a layer's tar: `name` with, where it has one, its content. Defaults are those of tar-stream. */
export interface LayerEntry extends Partial<Header> {
  readonly name: string;
  readonly content?: string | Buffer;
}

/** A layer that is ready to be pushed. */
export interface BuiltLayer {
  /** The blob itself, or the file that holds it. */
  readonly blob: Buffer | { readonly path: string };
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
  readonly mediaType: string;
}

/** A layer's uncompressed tar. Times are fixed unless an entry says otherwise, so that the digest is the same each time. */
export async function buildTar(entries: readonly LayerEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content = '', ...header } of entries) {
    tar.entry({ mtime: new Date(0), ...header }, Buffer.from(content));
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** A layer of these entries. */
export async function buildLayer(
  entries: readonly LayerEntry[],
  options: { readonly compression?: 'gzip' | 'none'; readonly format?: 'oci' | 'docker' } = {},
): Promise<BuiltLayer> {
  return layerOf(await buildTar(entries), options);
}

/** A layer of a tar that was made elsewhere. */
export function layerOf(
  tar: Buffer,
  {
    compression = 'gzip',
    format = 'oci',
  }: { readonly compression?: 'gzip' | 'none'; readonly format?: 'oci' | 'docker' } = {},
): BuiltLayer {
  const gzip = compression === 'gzip';
  const blob = gzip ? gzipSync(tar, { level: 1 }) : tar;
  const oci = gzip ? mediaTypes.ociLayerGzip : mediaTypes.ociLayer;
  const docker = gzip ? mediaTypes.dockerLayerGzip : mediaTypes.dockerLayer;
  return {
    blob,
    digest: digestOf(blob),
    diffId: `sha256:${createHash('sha256').update(tar).digest('hex')}`,
    size: blob.length,
    mediaType: format === 'oci' ? oci : docker,
  };
}

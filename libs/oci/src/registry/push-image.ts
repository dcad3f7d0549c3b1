import { createReadStream } from 'node:fs';
import { request } from 'undici';
import { permanent } from '#errors';
import type { BuiltLayer } from './build-layer.js';
import { digestOf } from './digest.js';
import { mediaTypes } from './media-types.js';

/** Where something is pushed to. */
export interface PushTarget {
  /** Host with its port. */
  readonly registry: string;
  readonly repository: string;
  /** Plain http; what local registries speak, and the default. */
  readonly scheme?: 'http' | 'https';
  /** Value of the Authorization header. */
  readonly authorization?: string;
}

/** An image as tests and measurements make it. */
export interface ImageToPush extends PushTarget {
  readonly tags: readonly string[];
  /** Bottom first. */
  readonly layers: readonly BuiltLayer[];
  /** Fields of the image's configuration besides `rootfs`: `config`, `architecture`, `os`, `created`, … */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly format?: 'oci' | 'docker';
}

/** What stands in an index for the manifest that was pushed. */
export interface PushedDocument {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
}

/**
 * Pushes an image to a registry (OCI distribution specification, "push"). For the demo, the benchmarks and the tests:
 * it neither retries nor answers a challenge; what the registry refuses is `registry.push_refused`.
 */
export async function pushImage(image: ImageToPush): Promise<PushedDocument> {
  for (const layer of image.layers) await pushBlob(image, layer);
  const oci = image.format !== 'docker';
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      ...image.config,
      rootfs: { type: 'layers', diff_ids: image.layers.map((layer) => layer.diffId) },
    }),
  );
  await pushBlob(image, { blob: config, digest: digestOf(config), size: config.length });
  const mediaType = oci ? mediaTypes.ociManifest : mediaTypes.dockerManifest;
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: oci ? mediaTypes.ociConfig : mediaTypes.dockerConfig,
      digest: digestOf(config),
      size: config.length,
    },
    layers: image.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  };
  return pushDocument(image, Buffer.from(JSON.stringify(manifest)), mediaType, image.tags);
}

/** Pushes a manifest or an index under tags, or under its digest when there is none. */
export async function pushDocument(
  target: PushTarget,
  document: Buffer,
  mediaType: string,
  tags: readonly string[] = [],
): Promise<PushedDocument> {
  const digest = digestOf(document);
  for (const reference of tags.length > 0 ? tags : [digest]) {
    const url = `${api(target)}/manifests/${reference}`;
    const answer = await request(url, {
      method: 'PUT',
      headers: { ...headersOf(target), 'content-type': mediaType },
      body: document,
    });
    await expectStatus(answer, [201], `${target.repository}:${reference}`);
  }
  return { digest, size: document.length, mediaType };
}

/** Pushes a blob unless the repository has it. */
async function pushBlob(
  target: PushTarget,
  blob: Pick<BuiltLayer, 'blob' | 'digest' | 'size'>,
): Promise<void> {
  const headers = headersOf(target);
  const known = await request(`${api(target)}/blobs/${blob.digest}`, { method: 'HEAD', headers });
  await known.body.dump();
  if (known.statusCode === 200) return;
  const started = await request(`${api(target)}/blobs/uploads/`, { method: 'POST', headers });
  await expectStatus(started, [202], target.repository);
  const location = new URL(String(started.headers.location), `${api(target)}/`);
  location.searchParams.set('digest', blob.digest);
  const done = await request(location, {
    method: 'PUT',
    headers: {
      ...headers,
      'content-type': 'application/octet-stream',
      'content-length': String(blob.size),
    },
    body: Buffer.isBuffer(blob.blob) ? blob.blob : createReadStream(blob.blob.path),
  });
  await expectStatus(done, [201], blob.digest);
}

const api = ({ scheme = 'http', registry, repository }: PushTarget): string =>
  `${scheme}://${registry}/v2/${repository}`;

const headersOf = ({ authorization }: PushTarget): Record<string, string> =>
  authorization === undefined ? {} : { authorization };

async function expectStatus(
  answer: { statusCode: number; body: { text(): Promise<string> } },
  wanted: readonly number[],
  subject: string,
): Promise<void> {
  const text = await answer.body.text();
  if (wanted.includes(answer.statusCode)) return;
  throw permanent(
    'registry.push_refused',
    `the registry answered ${answer.statusCode}: ${text.slice(0, 500)}`,
    {
      subject,
    },
  );
}

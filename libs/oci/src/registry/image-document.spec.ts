import { parseImageConfig } from './image-config.js';
import { parseImageDocument } from './image-document.js';
import { mediaTypes } from './media-types.js';

const digest = `sha256:${'a'.repeat(64)}`;
const config = { mediaType: mediaTypes.ociConfig, digest, size: 2 };
const layer = { mediaType: mediaTypes.ociLayerGzip, digest, size: 3 };
const manifest = { schemaVersion: 2, config, layers: [layer] };
const index = { schemaVersion: 2, manifests: [{ mediaType: mediaTypes.ociManifest, digest, size: 3 }] };
const parse = (document: unknown, contentType?: string) =>
  parseImageDocument(Buffer.from(JSON.stringify(document)), contentType);
const refused = (code: string) => expect.objectContaining({ code, temporary: false }) as Error;

describe('parseImageDocument', () => {
  it.each([
    [mediaTypes.ociManifest, mediaTypes.ociConfig, mediaTypes.ociLayerZstd],
    [mediaTypes.dockerManifest, mediaTypes.dockerConfig, mediaTypes.dockerLayerGzip],
    [mediaTypes.dockerManifest, 'application/octet-stream', mediaTypes.dockerLayer],
  ])('reads a manifest of type %s with %s', (mediaType, configType, layerType) => {
    const document = {
      ...manifest,
      mediaType,
      config: { ...config, mediaType: configType },
      layers: [{ ...layer, mediaType: layerType }],
    };
    expect(parse(document, mediaType)).toMatchObject({
      kind: 'manifest',
      layers: [{ mediaType: layerType }],
    });
  });

  it.each([undefined, 'application/json', 'application/octet-stream', 'text/plain'])(
    'goes by its shape where neither it nor the registry says what it is (%s)',
    (contentType) => {
      expect(parse(manifest, contentType).kind).toBe('manifest');
      expect(parse(index, contentType).kind).toBe('index');
    },
  );

  it('marks attestations in an index', () => {
    const entry = index.manifests[0];
    const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };
    const document = parse({ ...index, manifests: [entry, { ...entry, annotations }] });
    expect(document).toMatchObject({ manifests: [{ isAttestation: false }, { isAttestation: true }] });
  });

  it.each([
    ['both a manifest and an index', { ...manifest, ...index }, undefined],
    ['an index with layers (CVE-2021-41190)', { ...index, layers: [] }, mediaTypes.ociIndex],
    ['a manifest that says it is an index', { ...manifest, mediaType: mediaTypes.ociIndex }, undefined],
    ['an index that the registry sends as a manifest', index, mediaTypes.ociManifest],
    [
      'a Docker manifest sent as an OCI one',
      { ...manifest, mediaType: mediaTypes.dockerManifest },
      mediaTypes.ociManifest,
    ],
    ['neither', { schemaVersion: 2 }, mediaTypes.ociManifest],
    ['another version', { ...manifest, schemaVersion: 3 }, undefined],
    ['a list', [], undefined],
    ['null', null, undefined],
    ['layers that are no list', { ...manifest, layers: {} }, undefined],
    ['a layer without a size', { ...manifest, layers: [{ ...layer, size: -1 }] }, undefined],
    ['a layer without a type', { ...manifest, layers: [{ digest, size: 1 }] }, undefined],
    ['too many layers', { ...manifest, layers: Array.from({ length: 1001 }, () => layer) }, undefined],
  ])('refuses %s', (_, document, contentType) => {
    expect(() => parse(document, contentType)).toThrow(refused('image.invalid_manifest'));
  });

  it('refuses what is not JSON or not UTF-8', () => {
    for (const bytes of [Buffer.from('{'), Buffer.from([0x22, 0xff, 0x22])]) {
      expect(() => parseImageDocument(bytes, undefined)).toThrow(refused('image.invalid_manifest'));
    }
  });

  it.each([
    ['schema 1', { schemaVersion: 1, fsLayers: [] }, 'image.schema1'],
    [
      'a Helm chart',
      { ...manifest, config: { ...config, mediaType: 'application/vnd.cncf.helm.config.v1+json' } },
      'image.not_an_image',
    ],
    [
      'a signature, whose configuration looks like an image’s',
      { ...manifest, layers: [{ ...layer, mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json' }] },
      'image.not_an_image',
    ],
    [
      'an encrypted layer',
      { ...manifest, layers: [{ ...layer, mediaType: `${mediaTypes.ociLayerGzip}+encrypted` }] },
      'image.unknown_layer',
    ],
    [
      'a digest that is a path',
      { ...manifest, layers: [{ ...layer, digest: 'sha256:../../x' }] },
      'image.invalid_digest',
    ],
  ])('refuses %s', (_, document, code) => {
    expect(() => parse(document)).toThrow(refused(code));
  });
});

describe('parseImageConfig', () => {
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

  it('reads platform and diff ids', () => {
    const document = { os: 'linux', architecture: 'arm64', variant: 'v8', rootfs: { diff_ids: [digest] } };
    expect(parseImageConfig(bytes(document), 1)).toEqual({
      platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
      diffIds: [digest],
    });
  });

  it.each([
    ['other layers than the manifest', { rootfs: { diff_ids: [digest, digest] } }],
    ['a diff id that is none', { rootfs: { diff_ids: ['sha256:x'] } }],
    ['diff ids that are no list', { rootfs: { diff_ids: 'x' } }],
    ['nothing', null],
  ])('refuses one that has %s', (_, document) => {
    expect(() => parseImageConfig(bytes(document), 1)).toThrow(refused('image.invalid_config'));
  });
});

/** Media types of the documents and layers that are understood here. */
export const mediaTypes = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  schema1: 'application/vnd.docker.distribution.manifest.v1+json',
  schema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
} as const;

/** What can be made of a document; `schema1` is known only to be refused. */
export type DocumentKind = 'manifest' | 'index' | 'schema1';

const documentKinds: Readonly<Record<string, DocumentKind>> = {
  [mediaTypes.ociManifest]: 'manifest',
  [mediaTypes.dockerManifest]: 'manifest',
  [mediaTypes.ociIndex]: 'index',
  [mediaTypes.dockerList]: 'index',
  [mediaTypes.schema1]: 'schema1',
  [mediaTypes.schema1Signed]: 'schema1',
};

/** What a media type says the document is; nothing for a type that says nothing (`application/json`). */
export function documentKind(mediaType: string | undefined): DocumentKind | undefined {
  return mediaType === undefined ? undefined : documentKinds[mediaType];
}

/** What is asked for: with it a registry answers with the document as pushed, and an old one does not convert it. */
export const acceptedDocuments: string = [
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  mediaTypes.dockerManifest,
  mediaTypes.dockerList,
].join(', ');

const layerType =
  /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+(?:gzip|zstd))?|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:[.+](?:gzip|zstd))?)$/;

/** Whether this layer is a file system's difference, in a form that can be unpacked. */
export const isLayerType = (mediaType: string): boolean => layerType.test(mediaType);

/** A layer that its maker's licence keeps out of registries; it may still be in this one. */
export const isForeignLayer = (mediaType: string): boolean => /nondistributable|foreign/.test(mediaType);

/** Whether this is an image's configuration. Docker before 1.11 pushed it as plain octets. */
export const isConfigType = (mediaType: string): boolean =>
  mediaType === mediaTypes.ociConfig ||
  mediaType === mediaTypes.dockerConfig ||
  mediaType === 'application/octet-stream';

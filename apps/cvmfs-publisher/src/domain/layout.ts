import { permanent } from '#errors';

/** One image name in a CVMFS repository: a tag, or the digest itself for an image that was asked for by digest. */
export interface ImageName {
  readonly registry: string;
  readonly repository: string;
  /** `:v1` or `@sha256:…`. */
  readonly name: string;
}

/** What `cvmfs_server` and shells downstream can be trusted with. */
const safePath = /^[A-Za-z0-9._/@:+-]+$/;

/** `.flat/<first 2 hex digits>/<hex>`: the tree's directory, relative to the repository's root. */
export function treePath(digest: string): string {
  const hex = /^sha(?:256|512):([0-9a-f]{64}(?:[0-9a-f]{64})?)$/.exec(digest)?.[1];
  if (hex === undefined) throw permanent('image.bad_digest', `“${digest.slice(0, 200)}” is no digest`);
  return `.flat/${hex.slice(0, 2)}/${hex}`;
}

/** The files beside a tree that say what it was made from. */
export const companions = (digest: string): { manifest: string; config: string; summary: string } => {
  const tree = treePath(digest);
  return {
    manifest: `${tree}.manifest.json`,
    config: `${tree}.config.json`,
    summary: `${tree}.slipway.json`,
  };
};

/** `<registry>/<repository>:<tag>`, relative to the repository's root. */
export function linkPath(image: ImageName): string {
  const path = `${image.registry}/${image.repository}${image.name}`;
  const unsafe =
    !safePath.test(path) || path.split('/').some((part) => part === '' || part === '.' || part === '..');
  if (unsafe || path.startsWith('.'))
    throw permanent('image.bad_name', `“${path.slice(0, 200)}” cannot be a path on CVMFS`);
  return path;
}

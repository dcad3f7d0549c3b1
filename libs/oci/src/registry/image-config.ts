import { permanent } from '#errors';
import { isDigest } from './digest.js';
import type { Platform } from './image-document.js';

/** What the publisher needs of an image's configuration (OCI image specification, "image configuration"). */
export interface ImageConfig {
  /** Nothing when the configuration does not say; old images do not. */
  readonly platform: Platform | undefined;
  /** Digests of the uncompressed layers, bottom first. */
  readonly diffIds: readonly string[];
  /** As they came: nothing is known of them. */
  readonly labels: unknown;
}

/** Larger configurations are no image's. */
export const maxConfigBytes = 8 * 1024 * 1024;

/** Reads a configuration. `image.invalid_config`, permanent, when it is none or does not fit its manifest's layers. */
export function parseImageConfig(bytes: Buffer, layers: number): ImageConfig {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw permanent('image.invalid_config', 'the image’s configuration is not JSON', { cause });
  }
  const { os, architecture, variant, rootfs, config } = json ?? {};
  const diffIds = (rootfs as { diff_ids?: unknown } | undefined)?.diff_ids ?? [];
  if (!Array.isArray(diffIds) || !diffIds.every(isDigest)) {
    throw permanent('image.invalid_config', 'the image’s configuration has no valid list of diff ids');
  }
  if (diffIds.length !== layers) {
    throw permanent(
      'image.invalid_config',
      `the image has ${layers} layers but its configuration speaks of ${diffIds.length}`,
    );
  }
  const hasPlatform =
    typeof os === 'string' && typeof architecture === 'string' && os !== '' && architecture !== '';
  const platform = hasPlatform
    ? { os, architecture, ...(typeof variant === 'string' && variant !== '' ? { variant } : {}) }
    : undefined;
  return { platform, diffIds, labels: (config as { Labels?: unknown } | null | undefined)?.Labels };
}

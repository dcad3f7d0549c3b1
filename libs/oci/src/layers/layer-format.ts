import { open } from 'node:fs/promises';
import { permanent } from '#errors';

/** How a blob is compressed; `tar` is not at all. */
export type LayerFormat = 'gzip' | 'zstd' | 'tar';

/** What a layer's blob is by its first bytes: media types lie. Throws `layer.compression_unsupported`. */
export async function layerFormat(path: string): Promise<{ format: LayerFormat; size: number }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(6), 0, 6, 0);
    return { format: formatOf(buffer.subarray(0, bytesRead)), size };
  } finally {
    await file.close();
  }
}

const unsupportedFormats: readonly (readonly [string, string])[] = [
  ['xz', 'fd377a585a00'],
  ['bzip2', '425a68'],
  ['lz4', '04224d18'],
];

/** The format of a blob that begins so. */
export function formatOf(head: Buffer): LayerFormat {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length >= 4) {
    const magic = head.readUInt32LE(0);
    // A zstd stream may begin with a skippable frame: 16 magic numbers.
    if (magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50) return 'zstd';
  }
  const hex = head.toString('hex');
  const unsupported = unsupportedFormats.find(([, magic]) => hex.startsWith(magic));
  if (unsupported !== undefined) {
    throw permanent(
      'layer.compression_unsupported',
      `the layer is compressed by ${unsupported[0]}, which images may not use`,
    );
  }
  return 'tar';
}

const magic = Buffer.from('28b52ffd', 'hex');
/** RFC 8878 allows no larger ones. */
const blockBytes = 128 * 1_024;
const raw = 0;

/**
 * The bytes as a Zstandard frame (RFC 8878) of raw blocks: valid, and as large as before. DiracX takes tar.zst and
 * tar.bz2 alone, Node 20 can write neither, and what goes in is a few small scripts.
 */
export function zstdFrame(content: Buffer): Buffer<ArrayBuffer> {
  // One segment, with its size in eight bytes: no checksum, no dictionary.
  const header = Buffer.alloc(9);
  header.writeUInt8(0b1110_0000, 0);
  header.writeBigUInt64LE(BigInt(content.length), 1);
  const parts: Buffer[] = [magic, header];
  let at = 0;
  do {
    const block = content.subarray(at, at + blockBytes);
    at += blockBytes;
    const last = at >= content.length ? 1 : 0;
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | (raw << 1) | last, 0, 3);
    parts.push(head, block);
  } while (at < content.length);
  return Buffer.concat(parts);
}

/** A zstd frame of `blocks` blocks that each stand for 128 KB of one byte. */
export function zstdBomb(blocks: number): Buffer {
  // Magic, a descriptor without content size, and a window of 128 KB.
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3]);
  const block = Buffer.alloc(4);
  // Block header, little endian: size, type 1 (one byte repeated), not the last.
  block.writeUIntLE(((128 * 1024) << 3) | (1 << 1), 0, 3);
  return Buffer.concat([header, ...Array.from({ length: blocks }, () => block)]);
}

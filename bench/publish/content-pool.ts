/** Repeatable pseudo-random numbers (mulberry32), so that each run measures the same image. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const poolBytes = 64 * 1024 * 1024;

/**
 * Bytes that compress as those of real images do, about 2.5 : 1 by gzip: prose of few words (sources, documentation),
 * records with slowly changing fields (programs, tables), and noise (what is compressed already).
 */
export function contentPool(random: () => number): Buffer {
  const pool = Buffer.allocUnsafe(poolBytes);
  const words = Array.from({ length: 1500 }, () => word(random));
  const blockBytes = 64 * 1024;
  for (let at = 0; at < poolBytes; at += blockBytes) {
    const block = pool.subarray(at, at + blockBytes);
    const kind = random();
    if (kind < 0.45) prose(block, words, random);
    else if (kind < 0.9) records(block, random);
    else noise(block, random);
  }
  return pool;
}

/** A piece of the pool for one file; a long one repeats the pool from another place. */
export function* pieces(pool: Buffer, bytes: number, random: () => number): Generator<Buffer> {
  let left = bytes;
  while (left > 0) {
    const from = Math.floor(random() * (pool.length - 4096));
    const piece = pool.subarray(from, Math.min(pool.length, from + left, from + 4 * 1024 * 1024));
    left -= piece.length;
    yield piece;
  }
}

function word(random: () => number): string {
  const length = 2 + Math.floor(random() * 9);
  return String.fromCharCode(...Array.from({ length }, () => 97 + Math.floor(random() ** 1.6 * 26)));
}

function prose(block: Buffer, words: readonly string[], random: () => number): void {
  let at = 0;
  while (at < block.length) {
    const next = `${words[Math.floor(random() ** 3 * words.length)]}${random() < 0.12 ? '\n' : ' '}`;
    at += block.write(next, at) || block.length;
  }
}

function records(block: Buffer, random: () => number): void {
  for (let at = 0; at + 16 <= block.length; at += 16) {
    block.writeUInt32LE(at, at);
    block.writeUInt32LE(Math.floor(random() * 256), at + 4);
    block.writeDoubleLE(Math.floor(random() * 60) / 8, at + 8);
  }
}

function noise(block: Buffer, random: () => number): void {
  for (let at = 0; at + 4 <= block.length; at += 4)
    block.writeUInt32LE(Math.floor(random() * 4_294_967_296), at);
}

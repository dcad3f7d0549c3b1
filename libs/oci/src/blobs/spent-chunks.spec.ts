import { freeChunks } from './spent-chunks.js';

const kib = 1024;
const chunkOf = (bytes: number): Buffer => Buffer.from(new ArrayBuffer(bytes));

describe('chunks that nobody looks at any more', () => {
  it('are gone at once, with their memory', () => {
    const chunks = Array.from({ length: 512 }, () => chunkOf(64 * kib));
    const before = process.memoryUsage().arrayBuffers;
    freeChunks(chunks);
    expect(chunks.every(({ length }) => length === 0)).toBe(true);
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(before - 16 * 1024 * kib);
  });

  it('are gone one after the other', () => {
    for (let time = 0; time < 3; time++) {
      const chunk = chunkOf(64 * kib);
      freeChunks([chunk]);
      expect(chunk.length).toBe(0);
    }
  });

  it('may share their memory: it goes with the last of them', () => {
    const whole = chunkOf(64 * kib);
    const [first, last] = [whole.subarray(0, 30 * kib), whole.subarray(30 * kib)];
    freeChunks([first]);
    expect(last.length).toBe(34 * kib);
    freeChunks([last]);
    expect(last.length).toBe(0);
  });

  it('stay where other buffers may be in the same memory', () => {
    const pooled = Buffer.allocUnsafe(100);
    const small = chunkOf(kib);
    freeChunks([pooled, small]);
    expect([pooled.length, small.length]).toEqual([100, kib]);
  });
});

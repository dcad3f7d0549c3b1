import { ReceivedMemory } from './received-memory.js';

const mib = 1024 * 1024;

describe('memory of received chunks', () => {
  it('is given back again and again while bytes come, by collecting young objects alone', () => {
    const asked: string[] = [];
    const memory = new ReceivedMemory(({ type }) => void asked.push(type));
    for (let chunk = 0; chunk < 33; chunk++) memory.count(mib);
    expect(asked).toEqual(['minor', 'minor', 'minor', 'minor']);
  });

  it('is given back indeed', async () => {
    const memory = new ReceivedMemory();
    const before = process.memoryUsage().arrayBuffers;
    for (let chunk = 0; chunk < 128; chunk++) memory.count(Buffer.alloc(mib).length);
    const end = Date.now() + 10_000;
    while (process.memoryUsage().arrayBuffers > before + 64 * mib) {
      if (Date.now() > end) throw new Error('what was received is still there');
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it('leaves the program without a collection of its own to call', () => {
    new ReceivedMemory().count(mib);
    expect((globalThis as { gc?: unknown }).gc).toBeUndefined();
  });
});

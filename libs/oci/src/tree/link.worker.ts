import { linkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { RingReader } from '../layers/shared-ring.js';
import { CopyWindow } from '../tar/byte-window.js';
import { FAILED, FAILURES, mostFailures, recordHead, TRIED, type LinkMemory } from './link-memory.js';

/** Makes hard links for the thread that writes a tree, which makes others meanwhile. Each message begins a tree. */
const { ring, state } = workerData as LinkMemory;

parentPort?.on('message', () => {
  // Through a copy: a record may lie across the ring's end.
  const reader = new RingReader(ring);
  const window = new CopyWindow({ read: (into, offset, length) => reader.read(into, offset, length) });
  while (window.ensure(recordHead)) {
    const { buffer, start } = window;
    const from = buffer.readUInt16LE(start);
    const to = buffer.readUInt16LE(start + 2);
    window.start += recordHead;
    if (!window.ensure(from + to)) return;
    link(window.buffer.subarray(window.start, window.start + from + to), from);
    window.start += from + to;
  }
});

function link(paths: Buffer, middle: number): void {
  try {
    linkSync(paths.subarray(0, middle), paths.subarray(middle));
  } catch {
    const at = Atomics.add(state, FAILED, 1);
    if (at < mostFailures) Atomics.store(state, FAILURES + at, Atomics.load(state, TRIED));
  }
  Atomics.add(state, TRIED, 1);
  Atomics.notify(state, TRIED);
}

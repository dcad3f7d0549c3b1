import { parentPort, workerData } from 'node:worker_threads';
import { RingReader } from '../layers/shared-ring.js';
import { TreeBuilder } from './tree-builder.js';
import type { FromUnpacker, ToUnpacker, UnpackStart } from './unpack-messages.js';
import { errorMessage } from '../layers/worker-error.js';

/** How many entries pass between two reports of progress. */
const ENTRIES_PER_REPORT = 2000;

/** Writes a tree with synchronous calls: with many small files a promise for each costs more than the file. */
const start = workerData as UnpackStart;
let entries = 0;
const builder = new TreeBuilder({
  ...start,
  onEntry() {
    if (++entries % ENTRIES_PER_REPORT === 0) {
      post({ kind: 'progress', counts: { ...builder.writer.written } });
    }
  },
});
const source = new RingReader(start.ring);

parentPort?.on('message', (message: ToUnpacker) => {
  try {
    handle(message);
  } catch (error) {
    post({ kind: 'failed', error: errorMessage(error) });
  }
});

function handle(message: ToUnpacker): void {
  if (message.kind === 'layer') {
    builder.addLayer(message.layer, source);
    post({ kind: 'layer-done' });
    return;
  }
  const from = builder.missingFrom();
  if (from !== undefined) {
    post({ kind: 'again', from });
    return;
  }
  builder.finish();
  post({
    kind: 'done',
    counts: { ...builder.writer.written },
    leftOut: builder.leftOut.toRecord(),
  });
}

function post(message: FromUnpacker): void {
  parentPort?.postMessage(message);
}

import { parentPort, workerData } from 'node:worker_threads';
import { IndexReader } from '../layers/index-reader.js';
import { IndexWriter } from '../layers/index-writer.js';
import { RingReader } from '../layers/shared-ring.js';
import { errorMessage } from '../layers/worker-error.js';
import { TarReader } from '../tar/tar-reader.js';
import { TreeBuilder } from './tree-builder.js';
import type { FromUnpacker, ToUnpacker, UnpackStart } from './unpack-messages.js';

/** How many entries pass between two reports of progress. */
const ENTRIES_PER_REPORT = 2000;

/** Writes a tree with synchronous calls: with many small files a promise for each costs more than the file. */
const start = workerData as UnpackStart;
const source = new RingReader(start.ring);
let builder: TreeBuilder | undefined;
let index: IndexWriter | undefined;
let entries = 0;

parentPort?.on('message', (message: ToUnpacker) => {
  try {
    // Made with the first message, so that what goes wrong in it has somebody to be told.
    builder ??= createBuilder();
    handle(builder, message);
  } catch (error) {
    post({ kind: 'failed', error: errorMessage(error) });
  }
});

function createBuilder(): TreeBuilder {
  const created = new TreeBuilder({
    ...start,
    onEntry(entry) {
      index?.add(entry);
      if (++entries % ENTRIES_PER_REPORT === 0) post({ kind: 'progress', counts: { ...created.written } });
    },
  });
  return created;
}

function handle(tree: TreeBuilder, message: ToUnpacker): void {
  switch (message.kind) {
    case 'layer':
      index = message.index === undefined ? undefined : new IndexWriter(message.index);
      tree.addLayer(message.layer, new TarReader(source));
      index?.finish();
      index = undefined;
      return post({ kind: 'layer-done' });
    case 'index':
      tree.addLayer(message.layer, new IndexReader(message.index));
      return post({ kind: 'layer-done' });
    case 'finish':
      return finish(tree);
  }
}

function finish(tree: TreeBuilder): void {
  const wanted = tree.wanted();
  if (wanted !== undefined) return post({ kind: 'again', wanted });
  tree.finish();
  post({ kind: 'done', counts: { ...tree.written }, leftOut: tree.leftOut.toRecord() });
}

function post(message: FromUnpacker): void {
  parentPort?.postMessage(message);
}

import { parentPort, workerData } from 'node:worker_threads';
import { IndexReader } from '../layers/index-reader.js';
import { IndexWriter } from '../layers/index-writer.js';
import { RingReader } from '../layers/shared-ring.js';
import { errorMessage } from '../layers/worker-error.js';
import { TarReader } from '../tar/tar-reader.js';
import { LinkSender } from './link-sender.js';
import { TreeBuilder } from './tree-builder.js';
import type { FromUnpacker, ToUnpacker, UnpackerThread, UnpackStart } from './unpack-messages.js';

type LayerMessage = Extract<ToUnpacker, { kind: 'layer' }>;

/** How many entries pass between two reports of progress. */
const entriesPerReport = 2000;

/** Writes trees with synchronous calls: with many small files a promise for each costs more than the file. */
const shared = workerData as UnpackerThread;
const sources = shared.rings.map((ring) => new RingReader(ring));
let start: UnpackStart | undefined;
let builder: TreeBuilder | undefined;
let index: IndexWriter | undefined;
let entries = 0;

parentPort?.on('message', (message: ToUnpacker) => {
  if (message.kind === 'begin') {
    start = message.start;
    builder = undefined;
    return;
  }
  try {
    // Made with the first message that is answered, so that what goes wrong in it has somebody to be told.
    builder ??= createBuilder();
    handle(builder, message);
  } catch (error) {
    post({ kind: 'failed', error: errorMessage(error) });
  }
});

function createBuilder(): TreeBuilder {
  if (start === undefined) throw new Error('no tree was begun');
  const created = new TreeBuilder({
    ...start,
    linker: start.old?.root === undefined ? undefined : new LinkSender(shared.links),
    onEntry(entry) {
      index?.add(entry);
      if (++entries % entriesPerReport === 0) post({ kind: 'progress', counts: { ...created.written } });
    },
  });
  return created;
}

function handle(tree: TreeBuilder, message: Exclude<ToUnpacker, { kind: 'begin' }>): void {
  switch (message.kind) {
    case 'layer':
      addLayer(tree, message);
      return post({ kind: 'layer-done' });
    case 'index':
      tree.addLayer(message.layer, new IndexReader(message.index));
      return post({ kind: 'layer-done' });
    case 'finish':
      return finish(tree);
  }
}

function addLayer(tree: TreeBuilder, { layer, lane, index: draft }: LayerMessage): void {
  const source = sources[lane];
  if (source === undefined) throw new Error(`there is no lane ${lane}`);
  index = draft === undefined ? undefined : new IndexWriter(draft);
  tree.addLayer(layer, new TarReader(source));
  index?.finish();
  index = undefined;
}

function finish(tree: TreeBuilder): void {
  const wanted = tree.wanted();
  if (wanted !== undefined) return post({ kind: 'again', wanted });
  tree.finish();
  post({ kind: 'done', counts: { ...tree.written }, leftOut: tree.leftOut.toRecord() });
  builder = undefined;
}

function post(message: FromUnpacker): void {
  parentPort?.postMessage(message);
}

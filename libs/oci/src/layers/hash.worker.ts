import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { hashReader, type FromHasher, type HasherThread, type ToHasher } from './layer-hasher.js';
import { RingReader } from './shared-ring.js';

/** Small enough that the writer gets room while more is hashed. */
const pieceBytes = 256 * 1024;

/** Hashes what runs through the lanes' rings, in the order of the layers, beside the thread that writes them. */
const { rings } = workerData as HasherThread;
const readers = rings.map((ring) => new RingReader(ring, hashReader));

parentPort?.on('message', (lane: ToHasher) => {
  parentPort?.postMessage(hashed(lane) satisfies FromHasher);
});

function hashed(lane: number): FromHasher {
  const hash = createHash('sha256');
  try {
    let taken: number;
    do {
      taken = readers[lane]?.take(pieceBytes, (piece) => void hash.update(piece)) ?? 0;
    } while (taken > 0);
  } catch {
    // Whatever is wrong with the layer is told by who decompresses or parses it.
    return undefined;
  }
  return `sha256:${hash.digest('hex')}`;
}

import { parentPort, workerData } from 'node:worker_threads';
import { errorMessage } from './worker-error.js';
import { decompress, type DecompressJob } from './decompress.js';
import { RingWriter, type RingMemory } from './shared-ring.js';

/** Turns blobs into tar bytes in the ring, one layer at a time, so that the thread that writes files never inflates. */
const port = parentPort;
const ring = new RingWriter((workerData as { ring: RingMemory }).ring);

port?.on('message', (job: DecompressJob) => {
  void run(job);
});

async function run(job: DecompressJob): Promise<void> {
  try {
    await decompress(job, ring);
    ring.end();
    port?.postMessage({ kind: 'decompressed' });
  } catch (error) {
    ring.end(true);
    port?.postMessage({ kind: 'failed', error: errorMessage(error) });
  }
}

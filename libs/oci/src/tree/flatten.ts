import { mkdir, readdir } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { permanent, temporary, toAppError } from '#errors';
import type { LayerBlob } from '../image-source.js';
import { LayerStreams } from '../layers/layer-streams.js';
import { STOPPED_CODE } from '../layers/shared-ring.js';
import type { TreeAddition } from './additions.js';
import { DEFAULT_LIMITS, type TreeLimits } from './limits.js';
import type { Owners } from './tree-writer.js';
import type { UnpackCounts } from './unpack-messages.js';
import { Unpacker } from './unpacker.js';

export interface FlattenOptions {
  /** Bottom first. A blob that is not there yet is waited for when its turn comes, from the top one down. */
  readonly layers: readonly LayerBlob[];
  /** Absolute path of a directory that is empty, or does not exist while its parent does. */
  readonly target: string;
  readonly owners: Owners;
  readonly limits?: Partial<TreeLimits>;
  /** What the tree gets besides what the image brings: start-up files, bind points, CVMFS's catalog marker. */
  readonly additions?: readonly TreeAddition[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (counts: UnpackCounts) => void;
}

export interface FlattenResult extends UnpackCounts {
  /** Files taken from an older tree instead of from a layer. */
  readonly reusedFiles: number;
  /** What the image holds and the tree does not: counts by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/**
 * Makes the directory tree of an image from its layers. Each path is written once, from the uppermost layer that has
 * it. Rejects with AppErrors `layer.*` (the image is at fault), `tree.*` (the disk is), `flatten.cancelled`, and those
 * of `LayerBlob.ready`. The target is then to be discarded with `discardTree`; nothing outside it was touched.
 */
export async function flatten(options: FlattenOptions): Promise<FlattenResult> {
  const started = performance.now();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  throwIfAborted(options.signal);
  await prepareTarget(options.target);
  const streams = new LayerStreams(limits);
  const unpacker = new Unpacker(
    {
      ring: streams.ring,
      target: options.target,
      owners: options.owners,
      limits,
      layerCount: options.layers.length,
      additions: options.additions ?? [],
    },
    options.onProgress,
  );
  try {
    const work = unpackAll(options, streams, unpacker);
    const done = await abortable(work, options.signal);
    const seconds = (performance.now() - started) / 1000;
    return { ...done.counts, leftOut: done.leftOut, reusedFiles: 0, seconds };
  } finally {
    await Promise.all([streams.stop(), unpacker.stop()]);
  }
}

async function unpackAll(
  { layers, signal }: FlattenOptions,
  streams: LayerStreams,
  unpacker: Unpacker,
): Promise<{ counts: UnpackCounts; leftOut: Record<string, number> }> {
  let from = layers.length - 1;
  for (;;) {
    for (let layer = from; layer >= 0; layer--) {
      const blob = layers[layer];
      if (blob === undefined) break;
      const path = await blob.ready();
      throwIfAborted(signal);
      try {
        const open = await streams.open({ path, diffId: blob.diffId });
        await bothOf(open.finished, unpacker.layer(layer), () => streams.fail());
      } catch (error) {
        throw aboutLayer(error, blob, layer);
      }
    }
    const answer = await unpacker.finish();
    if (answer.kind === 'done') return answer;
    from = answer.from;
  }
}

/** Waits for both sides; what the stream says is wrong comes before what the parser made of it. */
async function bothOf(stream: Promise<void>, parser: Promise<void>, stopStream: () => void): Promise<void> {
  const parsed = parser.catch((error: unknown) => {
    stopStream();
    throw error;
  });
  const [streamed, unpacked] = await Promise.allSettled([stream, parsed]);
  const errors = [streamed, unpacked].flatMap((outcome) =>
    outcome.status === 'rejected' ? [toAppError(outcome.reason)] : [],
  );
  const telling = errors.find((error) => error.code !== STOPPED_CODE) ?? errors[0];
  if (telling !== undefined) throw telling;
}

function aboutLayer(error: unknown, blob: LayerBlob, layer: number): Error {
  const { code, message, temporary: mayPass, cause } = toAppError(error);
  const make = mayPass ? temporary : permanent;
  return make(code, `layer ${layer + 1} (${blob.digest}): ${message}`, {
    subject: blob.digest,
    cause,
  });
}

async function prepareTarget(target: string): Promise<void> {
  if (!isAbsolute(target)) {
    throw permanent('tree.target_invalid', 'the tree needs an absolute path');
  }
  await mkdir(target, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') {
      throw temporary('tree.io', `the tree's directory cannot be made: ${error.message}`, {
        cause: error,
      });
    }
  });
  if ((await readdir(target)).length > 0) {
    throw permanent('tree.target_not_empty', `${target} is not empty`);
  }
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(cancelled());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled();
}

function cancelled(): Error {
  return temporary('flatten.cancelled', 'making the tree was cancelled', { level: 'info' });
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobCache, flatten, RegistryImageSource, type ReusableTree } from '#oci';

/** What a contestant is told: an image and where its tree is to be. */
export interface Task {
  readonly registry: string;
  readonly repository: string;
  readonly digest: string;
  /** Where blobs, and indexes of layers, are kept. */
  readonly cache: string;
  readonly target: string;
  /** Another, small image that the process publishes before, anew each time, and moves its tag if told to what; it is not measured. */
  readonly warmUp?: {
    readonly repository: string;
    readonly digest: string;
    readonly target: string;
    readonly changed?: string;
  };
  /** What the tag named before: published first, which is not measured; `cache` is where, and `isUsed` whether its tree may be taken from. */
  readonly previous?: {
    readonly digest: string;
    readonly target: string;
    readonly cache: string;
    readonly isUsed: boolean;
  };
}

/** What the process tells at its end: seconds from a digest until its tree is whole; links count as files. */
export interface Done {
  readonly seconds: number;
  readonly files: number;
}

/**
 * The publisher's fetch and flatten in a process of its own, as in the service: that was started long before, as the
 * engine beside it was, and published other images.
 */
process.once('message', (task: Task) => void answer(task));
process.send?.('ready');

async function answer(task: Task): Promise<void> {
  const { previous, warmUp } = task;
  if (warmUp) await getWarm(task, warmUp);
  const before = previous && (await publish({ ...task, ...previous }));
  // The disk comes to rest before the measurement: what was just written is no part of it.
  process.send?.('ready to be measured');
  await new Promise((resolve) => process.once('message', resolve));
  const reuse: ReusableTree | undefined =
    before && previous?.isUsed ? { layers: before.layers, root: previous.target, method: 'link' } : undefined;
  process.send?.((await publish(task, reuse)) satisfies Done);
  process.disconnect();
}

/** After so many V8 has compiled all that a publication comes through; the engine beside it comes compiled. */
const warmUps = 4;

async function getWarm(task: Task, warmUp: NonNullable<Task['warmUp']>): Promise<void> {
  await mkdir(warmUp.target);
  for (let time = 0; time < warmUps; time++) {
    const target = join(warmUp.target, `${time}`);
    const small: Task = { ...task, ...warmUp, target, cache: `${task.cache}-warm-up-${time}` };
    const { layers } = await publish(small);
    if (warmUp.changed === undefined) continue;
    const moved = { ...small, digest: warmUp.changed, target: `${target}-moved` };
    await publish(moved, { layers, root: target, method: 'link' });
  }
}

const caches = new Map<string, Promise<BlobCache>>();
/** One for the life of the process, as in the service. */
function cacheIn(directory: string): Promise<BlobCache> {
  const cache = caches.get(directory) ?? BlobCache.open({ directory, limitBytes: 20e9 });
  caches.set(directory, cache);
  return cache;
}

async function publish(task: Task, reuse?: ReusableTree) {
  const from = performance.now();
  const cache = await cacheIn(task.cache);
  const source = new RegistryImageSource({ cache, allowInsecureLocalhost: true });
  const { registry, repository, digest, target } = task;
  const signal = new AbortController().signal;
  const image = await source.open({ registry, repository, digest }, 'linux/amd64', { signal });
  const { files, symlinks, hardLinks } = await flatten({
    layers: image.layers,
    target,
    owners: process.getuid?.() === 0 ? 'keep' : 'mine',
    indexDirectory: `${task.cache}-indexes`,
    reuse,
  });
  await image.close();
  const seconds = (performance.now() - from) / 1000;
  await source.close();
  return {
    seconds,
    files: files + symlinks + hardLinks,
    layers: image.layers.map(({ digest }) => digest),
  };
}

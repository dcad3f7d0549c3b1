import { BlobCache, flatten, RegistryImageSource, type ReusableTree } from '#oci';

/** What a contestant is told: an image and where its tree is to be. */
export interface Task {
  readonly registry: string;
  readonly repository: string;
  readonly digest: string;
  /** Where blobs, and indexes of layers, are kept. */
  readonly cache: string;
  readonly target: string;
  /** What the tag named before: published first, which is not measured, and then taken from. */
  readonly previous?: { readonly digest: string; readonly target: string };
}

export interface Done {
  readonly seconds: number;
  readonly files: number;
}

/** The publisher's fetch and flatten in a process of its own, as in the service, which is started long before. */
process.once('message', (task: Task) => void answer(task));
process.send?.('ready');

async function answer(task: Task): Promise<void> {
  const cache = await BlobCache.open({ directory: task.cache, limitBytes: 20e9 });
  const source = new RegistryImageSource({ cache, allowInsecureLocalhost: true });
  const { previous } = task;
  const before = previous && (await publish(source, { ...task, ...previous }));
  if (before) {
    // The disk comes to rest before the measurement: what was just written is no part of it.
    process.send?.('previous is there');
    await new Promise((resolve) => process.once('message', resolve));
  }
  const reuse: ReusableTree | undefined = before && {
    layers: before.layers,
    root: before.target,
    method: 'link',
  };
  process.send?.((await publish(source, task, reuse)) satisfies Done);
  await source.close();
  await cache.close();
  process.disconnect();
}

async function publish(source: RegistryImageSource, task: Task, reuse?: ReusableTree) {
  const from = performance.now();
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
  const layers = image.layers.map((layer) => layer.digest);
  return { seconds, files: files + symlinks + hardLinks, layers, target };
}

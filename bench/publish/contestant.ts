import { BlobCache, flatten, RegistryImageSource } from '#oci';

/** What a contestant is told: an image and where its tree is to be. */
export interface Task {
  readonly registry: string;
  readonly repository: string;
  readonly digest: string;
  readonly cache: string;
  readonly target: string;
}

export interface Done {
  readonly seconds: number;
  readonly fetchSeconds: number;
  readonly files: number;
}

/** The publisher's fetch and flatten in a process of its own, as in the service, which is started long before. */
process.on('message', (task: Task) => void answer(task));
process.send?.('ready');

async function answer(task: Task): Promise<void> {
  const done = await publish(task);
  process.send?.(done);
  process.disconnect();
}

async function publish({ registry, repository, digest, cache: directory, target }: Task): Promise<Done> {
  const from = performance.now();
  const cache = await BlobCache.open({ directory, limitBytes: 20e9 });
  const source = new RegistryImageSource({ cache, allowInsecureLocalhost: true });
  const signal = new AbortController().signal;
  const image = await source.open({ registry, repository, digest }, 'linux/amd64', { signal });
  let fetched = 0;
  const all = (async () => {
    await Promise.all(image.layers.map((layer) => layer.ready()));
    fetched = performance.now() - from;
  })();
  const owners = process.getuid?.() === 0 ? 'keep' : 'mine';
  const { files, symlinks, hardLinks } = await flatten({ layers: image.layers, target, owners });
  await all;
  await image.close();
  const seconds = (performance.now() - from) / 1000;
  await source.close();
  await cache.close();
  return { seconds, fetchSeconds: fetched / 1000, files: files + symlinks + hardLinks };
}

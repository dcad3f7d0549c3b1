import { buildLayer, mediaTypes } from '#oci';
import { layersOf, sourceLab, type SourceLab } from './source-lab.js';
import { layerOfBytes, StandInRegistry } from './stand-in-registry.js';

const repository = 'team/app';
const signal = new AbortController().signal;

describe('what a name in a registry stands for', () => {
  let registry: StandInRegistry;
  let lab: SourceLab;
  beforeEach(async () => {
    registry = await StandInRegistry.start();
    lab = await sourceLab();
  });
  afterEach(async () => {
    await lab.close();
    await registry.stop();
  });

  const resolve = (tag: string, platform = 'linux/amd64') =>
    lab.source.resolve({ registry: registry.host, repository, tag }, platform);
  const image = async (platform: string, seed = 1) =>
    registry.putImage(repository, [await layerOfBytes(1000, seed)], { platform });
  const entry = (
    to: { digest: string; size: number },
    platform?: string,
    mediaType: string = mediaTypes.ociManifest,
  ) => {
    const [os, architecture, variant] = platform?.split('/') ?? [];
    return { mediaType, ...to, ...(platform ? { platform: { os, architecture, variant } } : {}) };
  };
  const index = (tag: string, ...manifests: object[]) =>
    registry.putDocument(
      repository,
      { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
      mediaTypes.ociIndex,
      tag,
    );

  it('is the manifest of the platform, not its index', async () => {
    const [amd, arm] = [await image('linux/amd64', 1), await image('linux/arm64/v8', 2)];
    const attestation = await image('unknown/unknown', 3);
    index(
      'v1',
      entry(attestation, 'unknown/unknown'),
      entry(arm, 'linux/arm64/v8'),
      entry(amd, 'linux/amd64'),
    );
    expect(await resolve('v1')).toEqual({ digest: amd.digest, platform: 'linux/amd64' });
    expect(await resolve('v1', 'linux/arm64')).toEqual({ digest: arm.digest, platform: 'linux/arm64/v8' });
    await expect(resolve('v1', 'linux/s390x')).rejects.toMatchObject({
      code: 'image.no_platform',
      message: expect.stringContaining('linux/arm64/v8, linux/amd64') as string,
      temporary: false,
    });
  });

  it('is found through a Docker manifest list and through an index in an index', async () => {
    const amd = await image('linux/amd64');
    const list = {
      schemaVersion: 2,
      mediaType: mediaTypes.dockerList,
      manifests: [entry(amd, 'linux/amd64')],
    };
    registry.putDocument(repository, list, mediaTypes.dockerList, 'list');
    expect((await resolve('list')).digest).toBe(amd.digest);
    const inner = index('inner', entry(amd, 'linux/amd64'));
    index('outer', entry(inner, undefined, mediaTypes.ociIndex));
    expect((await resolve('outer')).digest).toBe(amd.digest);
  });

  it('is what the image says of itself where the index says nothing', async () => {
    index('silent', entry(await image('linux/amd64')));
    await expect(resolve('silent')).resolves.toMatchObject({ platform: 'linux/amd64' });
    await expect(resolve('silent', 'linux/arm64')).rejects.toMatchObject({ code: 'image.no_platform' });
  });

  it('is refused when the only image is for another platform', async () => {
    registry.putImage(repository, [await layerOfBytes(100)], { platform: 'linux/arm64', tags: ['arm'] });
    await expect(resolve('arm')).rejects.toMatchObject({
      code: 'image.no_platform',
      message: 'the image is for linux/arm64, not for linux/amd64',
    });
  });

  it('is refused where indexes are nested without end or lead to too many documents', async () => {
    let to = index('depth-0', entry(await image('linux/amd64'), 'linux/amd64'));
    for (let depth = 1; depth < 7; depth++)
      to = index(`depth-${depth}`, entry(to, undefined, mediaTypes.ociIndex));
    await expect(resolve('depth-6')).rejects.toMatchObject({ code: 'image.index_loop', temporary: false });
    const wide = Array.from({ length: 40 }, (_, n) => {
      const empty = { schemaVersion: 2, manifests: [], annotations: { n: String(n) } };
      return entry(
        registry.putDocument(repository, empty, mediaTypes.ociIndex),
        undefined,
        mediaTypes.ociIndex,
      );
    });
    index('wide', ...wide);
    await expect(resolve('wide')).rejects.toMatchObject({ code: 'image.index_loop' });
  });

  it('is refused where the index calls an index a manifest', async () => {
    index('wrong', entry(index('inner', entry(await image('linux/amd64'), 'linux/amd64')), 'linux/amd64'));
    await expect(resolve('wrong')).rejects.toMatchObject({
      code: 'image.invalid_manifest',
      temporary: false,
    });
  });

  it('is refused where it is schema 1', async () => {
    const schema1 = { schemaVersion: 1, name: 'x', tag: 'old', fsLayers: [], history: [] };
    registry.putDocument(repository, schema1, mediaTypes.schema1Signed, 'old');
    await expect(resolve('old')).rejects.toMatchObject({ code: 'image.schema1', temporary: false });
  });

  it('is found where the registry calls everything octets', async () => {
    const layer = await buildLayer([{ name: 'a', content: 'b' }]);
    const { digest } = registry.putImage(repository, [layer], { contentType: 'application/octet-stream' });
    const image = { registry: registry.host, repository, digest };
    const opened = await lab.source.open(image, 'linux/amd64', { signal });
    expect(opened).toMatchObject({ digest, platform: 'linux/amd64', bytes: layer.size });
    expect(opened.layers).toMatchObject([{ digest: layer.digest, diffId: layer.diffId, size: layer.size }]);
    await opened.close();
  });

  it('is asked for in every form that is understood, so that no registry converts it', async () => {
    registry.putImage(repository, [await layerOfBytes(100)], { tags: ['v1'] });
    await resolve('v1');
    for (const type of [
      mediaTypes.ociIndex,
      mediaTypes.ociManifest,
      mediaTypes.dockerList,
      mediaTypes.dockerManifest,
    ]) {
      expect(registry.seen[0]?.accept).toContain(type);
    }
  });

  it('has each layer once on the wire although it is listed twice, and the top one first', async () => {
    const layers = [await layerOfBytes(5000, 1), await layerOfBytes(5000, 2), await layerOfBytes(5000, 3)];
    const [a, b, c] = layers as [(typeof layers)[0], (typeof layers)[0], (typeof layers)[0]];
    await lab.close();
    lab = await sourceLab({ parallelLayers: 1 });
    const { digest } = registry.putImage(repository, [a, b, a, c]);
    const progress: number[] = [];
    const opened = await lab.source.open({ registry: registry.host, repository, digest }, 'linux/amd64', {
      signal,
      onProgress: ({ fetchedBytes, totalBytes }) => progress.push(fetchedBytes / totalBytes),
    });
    const blobs = await layersOf(opened);
    expect(blobs.map((blob) => blob.length)).toEqual([a, b, a, c].map(({ size }) => size));
    const digests = layers.map((layer) => layer.digest);
    const asked = registry.seen.map(({ path }) => path.split('/').at(-1) ?? '');
    expect(asked.filter((one) => digests.includes(one))).toEqual([c, a, b].map((layer) => layer.digest));
    expect(progress.at(-1)).toBe(1);
    expect(opened.bytes).toBe(a.size + b.size + c.size);
  });

  it('comes from the cache the second time, after the registry has shown that we may have it', async () => {
    const { digest } = registry.putImage(repository, [await layerOfBytes(5000)]);
    const open = () =>
      lab.source.open({ registry: registry.host, repository, digest }, 'linux/amd64', { signal });
    await layersOf(await open());
    const before = registry.seen.length;
    await layersOf(await open());
    expect(registry.seen.slice(before).map(({ path }) => path)).toEqual([
      `/v2/${repository}/manifests/${digest}`,
    ]);
  });

  it('is refused before anything is fetched where its manifest announces more than any disk has', async () => {
    const layer = { ...(await layerOfBytes(500)), size: Number.MAX_SAFE_INTEGER };
    registry.putImage(repository, [layer], { tags: ['huge'] });
    await expect(resolve('huge')).rejects.toMatchObject({ code: 'image.too_large', temporary: false });
    expect(registry.seen.filter(({ path }) => path.includes('/blobs/'))).toEqual([]);
  });

  it('says clearly when a layer is kept out of registries, and takes it where it is there', async () => {
    const layer = {
      ...(await layerOfBytes(500)),
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    };
    const here = registry.putImage(repository, [layer]);
    const open = async (digest: string) =>
      layersOf(
        await lab.source.open({ registry: registry.host, repository, digest }, 'linux/amd64', { signal }),
      );
    await expect(open(here.digest)).resolves.toHaveLength(1);
    const other = { ...(await layerOfBytes(500, 9)), mediaType: layer.mediaType, blob: { path: '/nowhere' } };
    const gone = registry.putImage(repository, [other]);
    await expect(open(gone.digest)).rejects.toMatchObject({ code: 'image.foreign_layer', temporary: false });
  });
});

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  BlobCache,
  buildLayer,
  buildTar,
  digestOf,
  mediaTypes,
  type BuiltLayer,
  type LayerEntry,
} from '#oci';
import { readSavedImage } from './saved-image.js';
import { defaultArchiveLimits, SavedArchive } from './saved-archive.js';

const hexOf = (bytes: Buffer) => digestOf(bytes).slice(7);
const blobName = (bytes: Buffer) => `blobs/sha256/${hexOf(bytes)}`;

describe('what docker save wrote', () => {
  let directory: string;
  let cache: BlobCache;
  let layers: BuiltLayer[];
  let config: Buffer;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-saved-'));
    cache = await BlobCache.open({ directory, limitBytes: 1e9 });
    layers = [
      await buildLayer([{ name: 'a', content: 'first' }], { compression: 'none' }),
      await buildLayer([{ name: 'b', content: 'second' }], { compression: 'none' }),
    ];
    config = Buffer.from(
      JSON.stringify({
        os: 'linux',
        architecture: 'amd64',
        rootfs: { diff_ids: layers.map(({ diffId }) => diffId) },
      }),
    );
  });
  afterAll(async () => {
    await cache.close();
    await rm(directory, { recursive: true });
  });

  const blobOf = (index: number) => layers[index]?.blob as Buffer;
  const read = async (entries: readonly LayerEntry[], limits = defaultArchiveLimits) => {
    const archive = await SavedArchive.read(Readable.from([await buildTar(entries)]), cache, limits);
    try {
      return await readSavedImage(archive);
    } finally {
      await archive.release();
    }
  };
  const manifest = (Layers: unknown, Config: unknown = `${hexOf(config)}.json`): LayerEntry => ({
    name: 'manifest.json',
    content: JSON.stringify([{ Config, RepoTags: null, Layers }]),
  });
  const configEntry = (): LayerEntry => ({ name: `${hexOf(config)}.json`, content: config });
  const old = (...extra: LayerEntry[]): LayerEntry[] => [
    { name: 'one/', type: 'directory' },
    { name: 'one/VERSION', content: '1.0' },
    { name: 'one/layer.tar', content: blobOf(0) },
    { name: 'two/layer.tar', content: blobOf(1) },
    configEntry(),
    ...extra,
  ];
  const invalid = { code: 'docker.invalid_archive', temporary: false };

  it('is an image in the old layout', async () => {
    const image = await read([...old(), manifest(['one/layer.tar', 'two/layer.tar'])]);
    expect(image.layers.map(({ digest, mediaType }) => [digest, mediaType])).toEqual(
      layers.map(({ diffId }) => [diffId, mediaTypes.ociLayer]),
    );
    expect(JSON.parse(image.manifest.toString())).toMatchObject({ config: { digest: digestOf(config) } });
  });

  it('is the same image where its layers are links to each other', async () => {
    const entries = [
      ...old(),
      { name: 'three/layer.tar', type: 'symlink', linkname: '../one/layer.tar' },
      { name: 'four/layer.tar', type: 'link', linkname: 'two/layer.tar' },
    ] satisfies LayerEntry[];
    const image = await read([...entries, manifest(['three/layer.tar', 'four/layer.tar'])]);
    expect(image.layers.map(({ digest }) => digest)).toEqual(layers.map(({ diffId }) => diffId));
  });

  it('is an image in the OCI layout, compressed or not', async () => {
    const gzipped = await buildLayer([{ name: 'b', content: 'second' }]);
    for (const second of [blobOf(1), gzipped.blob as Buffer]) {
      const names = [blobOf(0), second].map(blobName);
      const image = await read([
        { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
        { name: 'blobs/sha256/', type: 'directory' },
        ...[blobOf(0), second, config].map((content) => ({ name: blobName(content), content })),
        { name: 'index.json', content: '{}' },
        manifest(names, blobName(config)),
      ]);
      expect(image.layers.map(({ digest }) => digest)).toEqual(
        [blobOf(0), second].map((one) => digestOf(one)),
      );
    }
  });

  it.each<[string, () => LayerEntry[]]>([
    ['has no manifest', () => old()],
    ['has a manifest that is not JSON', () => [...old(), { name: 'manifest.json', content: '{' }]],
    ['has no image', () => [...old(), { name: 'manifest.json', content: '[]' }]],
    ['has layers that are no names', () => [...old(), manifest([1, 2])]],
    ['names a layer that is not there', () => [...old(), manifest(['one/layer.tar', '../../etc/passwd'])]],
    ['has a name twice', () => [...old(), { name: './one/layer.tar', content: 'x' }, manifest([])]],
    [
      'has links in a circle',
      () => [
        ...old(),
        { name: 'x', type: 'symlink', linkname: 'y' },
        { name: 'y', type: 'link', linkname: 'x' },
        manifest(['x', 'two/layer.tar']),
      ],
    ],
    [
      'has a layer that is a link out of it',
      () => [
        ...old(),
        { name: 'x/layer.tar', type: 'symlink', linkname: '/etc/passwd' },
        manifest(['x/layer.tar', 'two/layer.tar']),
      ],
    ],
  ])('is refused when it %s', async (_, entries) => {
    await expect(read(entries())).rejects.toMatchObject(invalid);
  });

  it('is refused when a content is not what its name or its configuration says', async () => {
    const mismatch = { code: 'registry.digest_mismatch', temporary: false };
    await expect(read([...old(), manifest(['two/layer.tar', 'one/layer.tar'])])).rejects.toMatchObject(
      mismatch,
    );
    const liar = { name: blobName(blobOf(0)), content: blobOf(1) };
    await expect(read([liar, configEntry(), manifest([liar.name, liar.name])])).rejects.toMatchObject(
      mismatch,
    );
    const other = Buffer.concat([config, Buffer.from(' ')]);
    const false_ = { name: `${hexOf(config)}.json`, content: other };
    await expect(read([false_, manifest([], false_.name)])).rejects.toMatchObject(mismatch);
  });

  it('is refused when it is too large or has too many entries', async () => {
    const entries = [...old(), manifest(['one/layer.tar', 'two/layer.tar'])];
    await expect(read(entries, { bytes: 3000, entries: 100 })).rejects.toMatchObject(invalid);
    await expect(read(entries, { bytes: 1e9, entries: 3 })).rejects.toMatchObject(invalid);
  });

  it('is temporary trouble when the stream breaks off', async () => {
    const tar = await buildTar([...old(), manifest([])]);
    const broken = Readable.from(
      (async function* () {
        yield tar.subarray(0, 2000);
        await Promise.resolve();
        throw new Error('connection reset');
      })(),
    );
    await expect(SavedArchive.read(broken, cache, defaultArchiveLimits)).rejects.toMatchObject({
      code: 'docker.failed',
      temporary: true,
    });
  });

  it('writes nothing outside the cache, whatever the names are', async () => {
    const before = await readdir(directory);
    const hostile = ['../escape', '/tmp/slipway-escape', 'a/../../../escape'].map((name) => ({
      name,
      content: 'x',
    }));
    await read([...hostile, ...old(), manifest(['one/layer.tar', 'two/layer.tar'])]).catch(() => undefined);
    expect(await readdir(directory)).toEqual(before);
    await expect(readdir('/tmp/slipway-escape')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

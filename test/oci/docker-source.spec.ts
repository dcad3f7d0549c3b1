import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startDockerd, type DockerdServer } from '#embedded';
import {
  BlobCache,
  buildLayer,
  DockerImageSource,
  mediaTypes,
  pushDocument,
  pushImage,
  type SourceImage,
} from '#oci';
import { labConfig } from '../lab/config.js';
import { startLocalRegistry, type LocalRegistry } from './local-registry.js';
import { sourceLab } from './source-lab.js';

const own = labConfig().dockerSocket;
const canRun = own !== undefined || process.getuid?.() === 0;
const named = canRun
  ? 'an image through a real engine'
  : 'SKIPPED, run as root or set SLIPWAY_TEST_DOCKER_SOCKET';
const signal = new AbortController().signal;
const auth = { username: 'robot', password: 'for-a-test' };
const authorization = `Basic ${Buffer.from('robot:for-a-test').toString('base64')}`;

(canRun ? describe : describe.skip)(named, () => {
  let directory: string;
  let engine: DockerdServer | undefined;
  let registry: LocalRegistry;
  let cache: BlobCache;
  let source: DockerImageSource;
  let socketPath: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-docker-'));
    if (own === undefined) engine = await startDockerd({ directory: join(directory, 'd') });
    socketPath = own ?? engine?.socketPath ?? '';
    registry = await startLocalRegistry({ auth });
    cache = await BlobCache.open({ directory: join(directory, 'cache'), limitBytes: 1e9 });
    source = sourceWith(auth);
  }, 60_000);
  afterAll(async () => {
    await cache?.close();
    await engine?.stop();
    await registry?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const sourceWith = (credentials: { username: string; password: string }) =>
    new DockerImageSource({
      cache,
      engine: { socketPath },
      registries: [{ host: registry.host, credentials }],
    });
  const target = (repository: string) => ({ registry: registry.host, repository, authorization });
  const contents = async (image: SourceImage) => {
    const blobs = await Promise.all(image.layers.map(async (layer) => readFile(await layer.ready())));
    await image.close();
    return blobs.map((blob) => (blob[0] === 0x1f ? gunzipSync(blob) : blob).toString('base64'));
  };

  it.each(['docker', 'oci'] as const)('has the layers that the registry has (%s)', async (format) => {
    const layer = await buildLayer([{ name: 'a', content: 'first' }], { format });
    const layers = [
      layer,
      await buildLayer([{ name: '.wh.a' }, { name: 'b', content: 'b' }], { format }),
      layer,
    ];
    const pushed = await pushImage({ ...target(`team/${format}`), format, tags: ['v1'], layers });
    const name = { registry: registry.host, repository: `team/${format}` };
    const resolved = await source.resolve({ ...name, tag: 'v1' }, 'linux/amd64');
    expect(resolved).toEqual({ digest: pushed.digest, platform: 'linux/amd64' });
    const image = await source.open({ ...name, digest: pushed.digest }, 'linux/amd64', { signal });
    expect(image.layers.map(({ diffId }) => diffId)).toEqual(layers.map(({ diffId }) => diffId));
    const direct = await sourceLab({ registries: [{ host: registry.host, credentials: auth }] });
    const peer = await direct.source.open({ ...name, digest: pushed.digest }, 'linux/amd64', { signal });
    expect(image.config.equals(peer.config)).toBe(true);
    expect(await contents(image)).toEqual(await contents(peer));
    await direct.close();
  });

  it('is pulled when it is opened without having been resolved, and chosen by platform', async () => {
    const manifests = [];
    for (const architecture of ['arm64', 'amd64']) {
      const layers = [
        await buildLayer([{ name: architecture, content: architecture }], { format: 'docker' }),
      ];
      const image = { ...target('team/multi'), format: 'docker' as const, tags: [], layers };
      manifests.push({
        ...(await pushImage({ ...image, config: { architecture } })),
        platform: { os: 'linux', architecture },
      });
    }
    const list = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.dockerList, manifests }),
    );
    const { digest } = await pushDocument(target('team/multi'), list, mediaTypes.dockerList, ['v1']);
    for (const platform of ['linux/amd64', 'linux/arm64']) {
      const image = await source.open(
        { registry: registry.host, repository: 'team/multi', digest },
        platform,
        { signal },
      );
      expect(image.platform).toMatch(platform);
      await image.close();
    }
  });

  it('fails as the registry itself would: nothing there, wrong credentials, another platform', async () => {
    const name = { registry: registry.host, repository: 'team/docker' };
    await expect(source.resolve({ ...name, tag: 'none' }, 'linux/amd64')).rejects.toMatchObject({
      code: 'registry.not_found',
      temporary: true,
    });
    const stranger = sourceWith({ username: 'robot', password: 'wrong' });
    const refused = await stranger
      .resolve({ ...name, tag: 'v1' }, 'linux/amd64')
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'registry.unauthorized', temporary: false });
    expect((refused as Error).message).not.toContain('wrong');
    await expect(source.resolve({ ...name, tag: 'v1' }, 'linux/s390x')).rejects.toMatchObject({
      code: 'image.no_platform',
      temporary: false,
    });
  });
});

it('says temporary to an engine that is not there', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-docker-'));
  const cache = await BlobCache.open({ directory, limitBytes: 1e6 });
  const source = new DockerImageSource({ cache, engine: { socketPath: join(directory, 'none.sock') } });
  await expect(
    source.resolve({ registry: 'docker.io', repository: 'alpine' }, 'linux/amd64'),
  ).rejects.toMatchObject({
    code: 'docker.unavailable',
    temporary: true,
  });
  await cache.close();
  await rm(directory, { recursive: true });
});

import { buildLayer, layerOf, mediaTypes, pushDocument, pushImage } from '#oci';
import { startLocalRegistry, type LocalRegistry } from './local-registry.js';
import { layersOf, sourceLab, type SourceLab } from './source-lab.js';

const signal = new AbortController().signal;

describe('an image from a real registry', () => {
  let registry: LocalRegistry;
  let lab: SourceLab;
  beforeAll(async () => {
    registry = await startLocalRegistry();
    lab = await sourceLab({
      transport: { connectTimeoutMs: 5000, stallTimeoutMs: 10_000, userAgent: 'test' },
    });
  });
  afterAll(async () => {
    await lab.close();
    await registry.stop();
  });

  it.each(['oci', 'docker'] as const)('is what was pushed (%s)', async (format) => {
    const target = { registry: registry.host, repository: `team/${format}`, format };
    const layers = [
      await buildLayer([{ name: 'a', content: 'first' }], { format }),
      await buildLayer([{ name: 'b', content: Buffer.alloc(3_000_000, 'b') }], {
        format,
        compression: 'none',
      }),
      layerOf(Buffer.alloc(1024), { format }),
    ];
    const pushed = await pushImage({ ...target, tags: ['v1'], layers, config: { config: { Cmd: ['sh'] } } });
    const name = { registry: registry.host, repository: target.repository };
    const { digest } = await lab.source.resolve({ ...name, tag: 'v1' }, 'linux/amd64');
    expect(digest).toBe(pushed.digest);
    const image = await lab.source.open({ ...name, digest }, 'linux/amd64', { signal });
    expect(image.layers.map(({ diffId }) => diffId)).toEqual(layers.map(({ diffId }) => diffId));
    expect(JSON.parse(image.config.toString())).toMatchObject({ config: { Cmd: ['sh'] } });
    expect(image.manifest.length).toBe(pushed.size);
    const blobs = await layersOf(image);
    expect(blobs.every((blob, index) => blob.equals(layers[index]?.blob as Buffer))).toBe(true);
  });

  it('is chosen from an index by its platform', async () => {
    const target = { registry: registry.host, repository: 'team/multi' };
    const manifests = [];
    for (const architecture of ['arm64', 'amd64']) {
      const layers = [await buildLayer([{ name: architecture, content: architecture }])];
      const pushed = await pushImage({ ...target, tags: [], layers, config: { architecture } });
      manifests.push({ ...pushed, platform: { os: 'linux', architecture } });
    }
    const index = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
    );
    await pushDocument(target, index, mediaTypes.ociIndex, ['v1']);
    for (const { digest, platform } of manifests) {
      const resolved = await lab.source.resolve({ ...target, tag: 'v1' }, `linux/${platform.architecture}`);
      expect(resolved.digest).toBe(digest);
    }
  });

  it('is temporarily not found where its tag is not there', async () => {
    const nothing = lab.source.resolve(
      { registry: registry.host, repository: 'no/such', tag: 'v1' },
      'linux/amd64',
    );
    await expect(nothing).rejects.toMatchObject({ code: 'registry.not_found', temporary: true });
  });

  it('is given to those who may have it, and to nobody else', async () => {
    const auth = { username: 'robot', password: 'for-a-test' };
    const closed = await startLocalRegistry({ auth });
    const authorization = `Basic ${Buffer.from('robot:for-a-test').toString('base64')}`;
    const target = { registry: closed.host, repository: 'team/private', authorization };
    const layers = [await buildLayer([{ name: 'a', content: 'a' }])];
    const { digest } = await pushImage({ ...target, tags: ['v1'], layers });
    const stranger = await sourceLab();
    const wrong = await sourceLab({
      registries: [{ host: closed.host, credentials: { ...auth, password: 'wrong' } }],
    });
    const right = await sourceLab({ registries: [{ host: closed.host, credentials: auth }] });
    const unauthorized = { code: 'registry.unauthorized', temporary: false };
    const name = { registry: closed.host, repository: 'team/private', tag: 'v1' };
    await expect(stranger.source.resolve(name, 'linux/amd64')).rejects.toMatchObject(unauthorized);
    await expect(wrong.source.resolve(name, 'linux/amd64')).rejects.toMatchObject(unauthorized);
    await expect(right.source.resolve(name, 'linux/amd64')).resolves.toMatchObject({ digest });
    await Promise.all([stranger, wrong, right].map((one) => one.close()));
    await closed.stop();
  });
});

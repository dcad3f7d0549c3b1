import { request } from 'undici';
import { startLocalRegistry, type LocalRegistry } from '../../../../test/oci/local-registry.js';
import { buildLayer } from './build-layer.js';
import { mediaTypes } from './media-types.js';
import { pushImage } from './push-image.js';

describe('pushImage to a real registry', () => {
  let registry: LocalRegistry;
  beforeAll(async () => {
    registry = await startLocalRegistry();
  });
  afterAll(() => registry.stop());

  it.each(['oci', 'docker'] as const)(
    'stores an %s image that can be read back by its tag',
    async (format) => {
      const layers = [
        await buildLayer([{ name: 'etc/', type: 'directory' }], { format }),
        await buildLayer([{ name: 'etc/os-release', content: 'NAME=test\n' }], {
          format,
          compression: 'none',
        }),
      ];
      const target = { registry: registry.host, repository: `team/${format}`, format };
      const pushed = await pushImage({
        ...target,
        tags: ['v1', 'latest'],
        layers,
        config: { config: { Env: [] } },
      });
      const accept = format === 'oci' ? mediaTypes.ociManifest : mediaTypes.dockerManifest;
      const answer = await request(`http://${registry.host}/v2/team/${format}/manifests/latest`, {
        headers: { accept },
      });
      const manifest = (await answer.body.json()) as { layers: { digest: string }[] };
      expect(answer.headers['docker-content-digest']).toBe(pushed.digest);
      expect(manifest.layers.map((layer) => layer.digest)).toEqual(layers.map((layer) => layer.digest));
    },
  );
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { layerOfBytes, StandInRegistry, type Fault } from '../oci/stand-in-registry.js';
import { PublisherWorld } from './publisher-world.js';

const passing: readonly [string, Fault][] = [
  ['breaks connections', { kind: 'break', afterBytes: 100_000 }],
  ['ends early', { kind: 'shorter', byBytes: 1000 }],
  ['answers 429', { kind: 'status', status: 429, headers: { 'retry-after': '1' } }],
  ['answers 500', { kind: 'status', status: 500 }],
  ['answers 404 to a layer', { kind: 'status', status: 404 }],
];

describe('the publisher and a registry that', () => {
  let world: PublisherWorld;
  let registry: StandInRegistry;
  let seed = 100;

  beforeAll(async () => {
    registry = await StandInRegistry.start();
    world = await PublisherWorld.create({ testPath: import.meta.url, registries: [registry.host] });
    await world.startPublisher();
  }, 60_000);
  afterEach(() => {
    registry.faults = () => undefined;
  });
  afterAll(async () => {
    await world.close();
    await registry.stop();
  });

  it.each(passing)(
    '%s for a while: the image is published in the end, once',
    async (_, fault) => {
      const repository = `team/fault-${seed}`;
      const layer = await layerOfBytes(500_000, ++seed);
      const { digest } = registry.putImage(repository, [layer], { tags: ['v1'] });
      registry.faults = (path, nth) => (path.endsWith(layer.digest) && nth <= 2 ? fault : undefined);
      await world.announce({ registry: registry.host, repository, tag: 'v1', digest });
      const { data } = await world.recorder.waitFor(
        'image.published',
        (said) => said['digest'] === digest,
        60_000,
      );
      const file = await readFile(join(String(data['path']), `data-${seed}`));
      expect(file.length).toBe(500_000);
      expect(
        world.recorder.named('image.published').filter((event) => event.data['digest'] === digest),
      ).toHaveLength(1);
    },
    90_000,
  );

  it('keeps sending wrong bytes: the event says so, and nothing is published', async () => {
    const layer = await layerOfBytes(500_000, ++seed);
    const { digest } = registry.putImage('team/corrupt', [layer], { tags: ['v1'] });
    registry.faults = (path) => (path.endsWith(layer.digest) ? { kind: 'corrupt' } : undefined);
    await world.announce({ registry: registry.host, repository: 'team/corrupt', tag: 'v1', digest });
    const { data } = await world.recorder.waitFor(
      'image.publish_failed',
      (said) => said['digest'] === digest,
    );
    expect(data).toMatchObject({ step: 'fetch', code: 'registry.digest_mismatch', willRetry: false });
    expect(world.recorder.named('image.published').some((event) => event.data['digest'] === digest)).toBe(
      false,
    );
  });

  it('does not know the tag yet: it is asked again later', async () => {
    const layer = await layerOfBytes(1000, ++seed);
    const { digest } = registry.putImage('team/late', [layer]);
    await world.announce({ registry: registry.host, repository: 'team/late', tag: 'v1' });
    const { data } = await world.recorder.waitFor(
      'image.publish_failed',
      (said) => said['repository'] === 'team/late',
    );
    expect(data).toMatchObject({ step: 'resolve', willRetry: true });
    registry.putImage('team/late', [layer], { tags: ['v1'] });
    await world.recorder.waitFor('image.published', (said) => said['digest'] === digest, 60_000);
  }, 90_000);

  it('refuses our credentials: the event says so, and nothing is published', async () => {
    const layer = await layerOfBytes(1000, ++seed);
    const { digest } = registry.putImage('team/private', [layer], { tags: ['v1'] });
    registry.challenge = (_, path) =>
      path.includes('team/private') ? { 'www-authenticate': 'Basic realm="r"' } : undefined;
    await world.announce({ registry: registry.host, repository: 'team/private', tag: 'v1', digest });
    const { data } = await world.recorder.waitFor(
      'image.publish_failed',
      (said) => said['repository'] === 'team/private',
    );
    expect(data).toMatchObject({
      step: 'resolve',
      code: expect.stringMatching(/^registry\./),
      willRetry: false,
    });
  });

  it('stalls over one image: the others are published meanwhile', async () => {
    const stalled = await layerOfBytes(500_000, ++seed);
    const bad = registry.putImage('team/stalled', [stalled], { tags: ['v1'] });
    registry.faults = (path) =>
      path.endsWith(stalled.digest) ? { kind: 'stall', afterBytes: 10 } : undefined;
    await world.announce({
      registry: registry.host,
      repository: 'team/stalled',
      tag: 'v1',
      digest: bad.digest,
    });
    await world.recorder.waitFor('image.publishing', (said) => said['digest'] === bad.digest);
    for (let n = 0; n < 5; n++) {
      const layer = await layerOfBytes(1000, ++seed);
      const { digest } = registry.putImage(`team/good-${n}`, [layer], { tags: ['v1'] });
      await world.announce({ registry: registry.host, repository: `team/good-${n}`, tag: 'v1', digest });
      await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    }
    expect(world.recorder.named('image.published').some(({ data }) => data['digest'] === bad.digest)).toBe(
      false,
    );
  });
});

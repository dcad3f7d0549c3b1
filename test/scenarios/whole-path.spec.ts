import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '#embedded';
import { waitFor, type SpawnedService } from '#lab';
import { PublisherWorld } from './publisher-world.js';

const images = 20;
const deaths = 4;

describe('from a push to a tree, while relay and publisher are killed again and again', () => {
  let world: PublisherWorld;
  let relayPort: number;

  beforeAll(async () => {
    relayPort = await freePort();
    world = await PublisherWorld.create({ testPath: import.meta.url, relayPort });
  }, 60_000);
  afterAll(() => world.close());

  it('each image is published, and said to be, exactly once', async () => {
    const killing = Promise.all([
      killRepeatedly(() => world.startRelay(relayPort)),
      killRepeatedly(() => world.startPublisher()),
    ]);
    const pushed = new Map<string, string>();
    for (let n = 0; n < images; n++) {
      const digest = await world.push(`team/image-${n}`, 'v1', [[{ name: 'number', content: String(n) }]]);
      pushed.set(`team/image-${n}`, digest);
      await pause(100);
    }
    await killing;

    const digests = [...pushed.values()];
    const said = () =>
      world.recorder.named('image.published').filter(({ data }) => digests.includes(String(data['digest'])));
    await waitFor(() => new Set(said().map(({ data }) => data['digest'])).size === images, {
      what: 'every image to be published',
      deadlineMs: 120_000,
    });
    expect(new Set(said().map(({ id }) => id)).size).toBe(images);
    for (const [repository] of pushed) {
      const content = await readFile(join(world.link(repository, 'v1'), 'number'), 'utf8');
      expect(`team/image-${content}`).toBe(repository);
    }
  }, 240_000);
});

/** Kills a service and starts it again, each time after a little longer; the last one stays. */
async function killRepeatedly(start: () => Promise<SpawnedService>): Promise<void> {
  let service = await start();
  for (let death = 0; death < deaths; death++) {
    await pause(150 + 250 * death);
    await service.kill('SIGKILL');
    service = await start();
  }
}

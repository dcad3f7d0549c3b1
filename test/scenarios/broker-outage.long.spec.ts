import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startRabbitmq, type RabbitmqServer } from '#embedded';
import { waitFor } from '#lab';
import { PublisherWorld } from './publisher-world.js';
import { recordEvents } from './recorder.js';

const images = 24;
const outageMs = 20_000;

describe('the publisher, when the broker is stopped for 20 s under load', () => {
  let broker: RabbitmqServer;
  let directory: string;
  let world: PublisherWorld;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-outage-'));
    broker = await startRabbitmq({ directory });
    world = await PublisherWorld.create({ testPath: import.meta.url, amqpUrl: broker.url });
    await world.startPublisher();
  }, 90_000);
  afterAll(async () => {
    await world.close();
    await broker.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('publishes each image once and says so once', async () => {
    await (await recordEvents(broker.url, 'observer')).close();
    const digests = new Set<string>();
    const announced: Promise<void>[] = [];
    for (let n = 0; n < images; n++) {
      const digest = await world.push(`team/load-${n}`, 'v1', [[{ name: 'a', content: `image ${n}` }]]);
      digests.add(digest);
      announced.push(announceUntilConfirmed(world, `team/load-${n}`, digest));
      if (n === images / 2) {
        await broker.stop();
        await pause(outageMs);
        await broker.restart();
      }
    }
    await Promise.all(announced);
    const observer = await recordEvents(broker.url, 'observer');
    const published = () =>
      observer.named('image.published').filter(({ data }) => digests.has(String(data['digest'])));
    await waitFor(() => new Set(published().map(({ data }) => data['digest'])).size === images, {
      what: 'every image to be published',
      deadlineMs: 60_000,
    });
    expect(new Set(published().map(({ id }) => id)).size).toBe(images);
    await observer.close();
  }, 180_000);
});

/** As a relay's sender does: the same delivery again, under the same id, until it is accepted. */
async function announceUntilConfirmed(
  world: PublisherWorld,
  repository: string,
  digest: string,
): Promise<void> {
  await waitFor(
    async () => {
      await world.announce(
        { repository, tag: 'v1', digest },
        `00000000-0000-4000-8000-${digest.slice(7, 19)}`,
      );
      return true;
    },
    { what: 'a confirm', deadlineMs: 90_000, intervalMs: 500 },
  );
}

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PublisherWorld } from './publisher-world.js';

const asRoot = process.getuid?.() === 0;
const megabyte = 1024 * 1024;

// A file system of a chosen size needs a mount, and a mount needs root: elsewhere the summary lists it as skipped.
(asRoot ? describe : describe.skip)(
  'the publisher on a full disk (needs root for a small file system)',
  () => {
    let world: PublisherWorld;

    beforeAll(async () => {
      world = await PublisherWorld.create({ testPath: import.meta.url });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'slipway-test', world.root]);
      await world.startPublisher();
    }, 60_000);
    afterAll(async () => {
      await world.killAll();
      execFileSync('umount', ['--lazy', world.root]);
      await world.close();
    });

    it('says so, leaves nothing behind, lets smaller images pass, and publishes once there is room', async () => {
      const big = await world.push('team/big', 'v1', [
        [{ name: 'data', content: randomBytes(24 * megabyte) }],
      ]);
      await world.announce({ repository: 'team/big', tag: 'v1', digest: big });
      const failed = await world.recorder.waitFor('image.publish_failed', (said) => said['digest'] === big);
      expect(failed.data).toMatchObject({
        step: 'unpack',
        willRetry: true,
        reason: expect.stringMatching(/space|ENOSPC/i),
      });
      const small = await world.push('team/small', 'v1', [[{ name: 'data', content: 'small' }]]);
      await world.announce({ repository: 'team/small', tag: 'v1', digest: small });
      await world.recorder.waitFor('image.published', (said) => said['digest'] === small);
      expect(readdirSync(join(world.root, world.registry.host, 'team'))).toEqual(['small:v1']);

      execFileSync('mount', ['-o', 'remount,size=64m', world.root]);
      const { data } = await world.recorder.waitFor(
        'image.published',
        (said) => said['digest'] === big,
        60_000,
      );
      expect((await readFile(join(String(data['path']), 'data'))).length).toBe(24 * megabyte);
    }, 120_000);
  },
);

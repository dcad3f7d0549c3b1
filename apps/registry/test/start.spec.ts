import { registryWorld } from './registry-world.js';

describe('the registry', () => {
  it('starts on an empty database, several copies at once, and ends in order', async () => {
    const world = await registryWorld(import.meta.url);
    const copies = await Promise.all([world.start(), world.start()]);
    for (const copy of copies) {
      const ready = (await (await fetch(`${copy.url}/health/ready`)).json()) as { checks: object };
      expect(ready.checks).toMatchObject({ broker: 'ok', database: 'ok' });
      await copy.kill();
      expect(await copy.exited).toBe(0);
    }
  });
});

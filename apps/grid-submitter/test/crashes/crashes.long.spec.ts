import { isolatedSchema } from '#lab';
import { atOnce, CrashWorld } from './crash-world.js';

const kills = 27;

// Real: PostgreSQL, the submitter's process (without broker), SIGKILL. Simulated: the batch system, in a process of its
// own. `bin/test-crashes` does the same with a thousand kills.
describe('a submitter that is killed between submitting and recording', () => {
  let world: CrashWorld;

  beforeAll(async () => {
    world = await CrashWorld.create(await isolatedSchema(import.meta.url));
  });
  afterAll(() => world.close());

  it(`leaves no job doubled and none forgotten, ${kills} kills with ${atOnce} submissions under way at each`, async () => {
    for (let n = 0; n < kills; n++) {
      await world.refill();
      await world.killBeforeTheAnswer();
    }
    expect(world.cutOff).toBeGreaterThanOrEqual(1_000);
    await world.finish();
    expect(await world.faults()).toEqual([]);
  }, 300_000);

  it('nor wherever else in its work it is killed', async () => {
    await world.hand(400);
    for (let n = 0; n < 8; n++) await world.killAnywhere(Math.random);
    await world.finish();
    expect(await world.faults()).toEqual([]);
  }, 120_000);
});

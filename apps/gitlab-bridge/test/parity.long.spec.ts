import { parityCases } from '../../../test/gitlab/parity/cases.js';
import { expectedOf } from '../../../test/gitlab/parity/compare.js';
import { recordedOutcomes } from '../../../test/gitlab/parity/recorded.js';
import { type RunningCase, startCase } from '../../../test/gitlab/parity/site.js';
import { type BridgeWorld } from './bridge-world.js';
import { createParityWorld } from './parity/parity-world.js';

// What the official gitlab-runner made of each case is recorded (bin/test-official-runner runs both live, and makes it
// anew); here Slipway runs the same, through all its services, on this machine as the batch system.
describe('the same .gitlab-ci.yml in Slipway as in the official runner', () => {
  let world: BridgeWorld;
  let recorded: Awaited<ReturnType<typeof recordedOutcomes>>;
  const running = new Map<string, RunningCase>();

  beforeAll(async () => {
    recorded = await recordedOutcomes();
    const made = await createParityWorld(import.meta.url);
    world = made.world;
    for (const each of parityCases) running.set(each.name, await startCase(made.projects, each));
    await world.start();
  }, 300_000);
  afterAll(() => world.close());

  it.each(parityCases.map((each) => [each.name, each] as const))(
    '%s',
    async (name, each) => {
      expect(await running.get(name)?.outcomes(300_000)).toEqual(expectedOf(each, recorded[name] ?? {}));
    },
    330_000,
  );

  it('does nothing that GitLab lets pass and a good runner does not do', () => {
    expect(world.gitlab.complaints).toEqual([]);
  });
});

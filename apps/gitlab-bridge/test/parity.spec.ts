import { type TestPipeline } from '../../../test/gitlab/index.js';
import { parityCases } from '../../../test/gitlab/parity/cases.js';
import { type JobOutcome, outcomeOf } from '../../../test/gitlab/parity/outcome.js';
import { recordedOutcomes } from '../../../test/gitlab/parity/recorded.js';
import { makeParityProject, startCase, untilOver } from '../../../test/gitlab/parity/site.js';
import { BridgeWorld, registered } from './bridge-world.js';

// What the official gitlab-runner made of each case is recorded (bin/test-official-runner makes it anew); here Slipway
// runs the same, through all its services, on this machine as the batch system.
describe('the same .gitlab-ci.yml in Slipway as in the official runner', () => {
  let world: BridgeWorld;
  let recorded: Awaited<ReturnType<typeof recordedOutcomes>>;
  const pipelines = new Map<string, TestPipeline>();

  beforeAll(async () => {
    recorded = await recordedOutcomes();
    world = await BridgeWorld.create({
      testPath: import.meta.url,
      gitlab: { limits: { traceIntervalSeconds: 1 } },
      projects: (gitlab) => [
        registered(gitlab, { name: 'parity', url: `${gitlab.url}/parity/analysis`, path: 'parity/analysis' }),
      ],
    });
    const project = await makeParityProject(world.gitlab);
    for (const each of parityCases) pipelines.set(each.name, await startCase(project, each));
    await world.start();
  }, 240_000);
  afterAll(() => world.close());

  it.each(parityCases.map(({ name }) => name))(
    '%s',
    async (name) => {
      const pipeline = pipelines.get(name);
      if (!pipeline) throw new Error(`${name} did not start`);
      await untilOver(pipeline, name, 300_000);
      const outcomes: Record<string, JobOutcome> = {};
      for (const job of pipeline.jobs()) outcomes[job.name] = outcomeOf(job);
      expect(outcomes).toEqual(recorded[name]);
    },
    330_000,
  );

  it('does nothing that GitLab lets pass and a good runner does not do', () => {
    expect(world.gitlab.complaints).toEqual([]);
  });
});

import { BridgeWorld } from '../bridge-world.js';
import { narrow } from './jobs.js';
import { rehearse } from './rehearsal.js';

const outageMs = 20_000;

// Real: RabbitMQ, PostgreSQL, bridge, submitter and monitor as processes, this machine as batch system. A GitLab of the
// tests. The same with ten minutes: bin/test-outage.
describe('CI jobs in all phases, when GitLab goes away in their middle', () => {
  let world: BridgeWorld;

  beforeAll(async () => {
    world = await BridgeWorld.create({ testPath: import.meta.url, furtherBackends: [narrow] });
    await world.start();
  }, 300_000);
  afterAll(() => world.close());

  it('end as if it had been there, each once, with trace and artifacts whole', async () => {
    const delivered = await rehearse(world, outageMs, () => undefined);
    expect(delivered).toHaveLength(6);
    expect(delivered.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`))).toEqual([]);
    expect(world.gitlab.complaints).toEqual([]);
  }, 1_200_000);
});

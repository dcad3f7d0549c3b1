import { waitFor } from '#lab';
import { attemptOf, MonitorWorld } from './monitor-world.js';

const jobs = 10_000;
const indexes = Array.from({ length: jobs }, (_, index) => index);

// Real: RabbitMQ, PostgreSQL, the monitor as a process. The batch system is a simulated one.
describe('a group of 10,000 jobs', () => {
  let world: MonitorWorld;

  beforeAll(async () => {
    world = await MonitorWorld.create({ testPath: import.meta.url });
    await world.start();
  }, 60_000);
  afterAll(() => world.close());

  it('flows through: each state is said once for each job, progress once a second at most, the end once', async () => {
    const began = Date.now();
    const groupId = await world.queue(jobs);
    const ids = await world.submit(groupId, indexes);
    const said = (name: string): Promise<unknown> =>
      waitFor(() => world.said(name, groupId) >= jobs, { what: name, deadlineMs: 90_000, intervalMs: 200 });
    await said('job.waiting');
    await world.grid.change(ids, { state: 'running', node: 'wn1' });
    await said('job.running');
    const at = new Date();
    await Promise.all(
      indexes.map((index) =>
        world.ledger.report(attemptOf(groupId, index).attemptId, { from: 'worker', state: 'succeeded', at }),
      ),
    );
    await said('job.succeeded');
    const { data } = await world.recorder.waitFor('group.finished', (group) => group['groupId'] === groupId);
    expect(data).toMatchObject({ outcome: 'succeeded', states: { succeeded: jobs } });
    const names = ['job.waiting', 'job.running', 'job.succeeded'];
    expect(names.map((name) => world.said(name, groupId))).toEqual([jobs, jobs, jobs]);
    expect(world.said('group.finished', groupId)).toBe(1);
    expect(world.said('group.progressed', groupId)).toBeLessThanOrEqual(2 + (Date.now() - began) / 1_000);
  }, 240_000);
});

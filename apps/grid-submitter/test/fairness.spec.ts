import { waitFor } from '#lab';
import { type SimulatedGrid, startSimulatedGrid } from '../../../test/stand-ins/batch-system/index.js';
import { project, simulated, SubmitterWorld } from './submitter-world.js';

// Real: RabbitMQ, PostgreSQL, two copies of the submitter as processes. Simulated: a batch system with 20 places.
describe('a project that hands in three jobs after another one handed in ten thousand', () => {
  let grid: SimulatedGrid;
  let world: SubmitterWorld;

  beforeAll(async () => {
    grid = await startSimulatedGrid();
    world = await SubmitterWorld.create({
      testPath: import.meta.url,
      file: {
        projects: [project('large', { jobs: 10_000 }), project('small', { jobs: 10_000 })],
        backends: [simulated(grid, { jobs: 20 })],
      },
      env: { SLIPWAY_PLUGINS: grid.plugin },
    });
    await Promise.all([world.start(), world.start()]);
  }, 60_000);
  afterAll(async () => {
    await world.close();
    await grid.stop();
  });

  it('gets the next three places that become free, and never are there more jobs than places', async () => {
    const over = Array.from({ length: 10_000 }, (_, n) => `set-${n}`);
    const large = await world.submit({ project: 'large', script: 'true', over });
    const submitted = (groupId: string, count: number): Promise<unknown> =>
      waitFor(() => world.said('job.submitted', groupId) === count, { what: `${count} submitted jobs` });
    await submitted(large, 20);
    const small = await world.submit({ project: 'small', script: 'true', over: ['a', 'b', 'c'] });
    await waitFor(() => world.said('job.queued', small) === 3, { what: 'the small group' });
    const running = await world.attempts(large, 'submitted');
    for (let n = 1; n <= 3; n++) {
      await world.succeed(running.slice(n - 1, n));
      await submitted(small, n);
    }
    expect(world.said('job.submitted', large)).toBe(20);
    await world.succeed(running.slice(3, 13));
    await submitted(large, 30);
    const { rows } = await world.database.query<{ count: number }>(
      `select count(*)::int as count from attempt where state in ('submitting', 'submitted')`,
    );
    expect(rows[0]?.count).toBe(20);
  }, 90_000);
});

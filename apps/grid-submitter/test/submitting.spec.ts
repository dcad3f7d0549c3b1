import { waitFor } from '#lab';
import { type SimulatedGrid, startSimulatedGrid } from '../../../test/stand-ins/batch-system/index.js';
import { project, simulated, SubmitterWorld } from './submitter-world.js';

// Real: RabbitMQ, PostgreSQL, two copies of the submitter as processes. Simulated: the batch system, a process too.
describe('the submitter, before a batch system', () => {
  let grid: SimulatedGrid;
  let world: SubmitterWorld;

  beforeAll(async () => {
    grid = await startSimulatedGrid();
    world = await SubmitterWorld.create({
      testPath: import.meta.url,
      file: {
        projects: [project('higgs', { jobs: 5_000 }), project('small', { jobs: 3 })],
        backends: [simulated(grid)],
      },
      env: { SLIPWAY_PLUGINS: grid.plugin, SLIPWAY_CANCEL_AGAIN_SECONDS: '1' },
    });
    await Promise.all([world.start(), world.start()]);
  }, 60_000);
  afterAll(async () => {
    await world.close();
    await grid.stop();
  });
  afterEach(() => grid.behave({}));

  const many = (n: number): string[] => Array.from({ length: n }, (_, index) => `set-${index}`);
  const jobsOf = async (attempts: readonly string[]) => {
    const ids = new Set(attempts);
    return (await grid.jobs()).filter(({ attemptId }) => ids.has(attemptId));
  };
  const submitted = (groupId: string, count: number): Promise<unknown> =>
    waitFor(() => world.said('job.submitted', groupId) === count, { what: `${count} submitted jobs` });
  const settled = async (groupId: string): Promise<void> => {
    const ended = new Set(await world.attempts(groupId, 'submitted'));
    await world.succeed([...ended]);
    // The next ones may have their places already.
    await waitFor(async () => !(await world.attempts(groupId, 'submitted')).some((id) => ended.has(id)), {
      what: 'free places',
    });
  };

  it('submits each attempt of a large group once, in as few submissions as the backend takes', async () => {
    const before = await grid.counts();
    const groupId = await world.submit({ project: 'higgs', script: 'true', over: many(2_500) });
    await submitted(groupId, 2_500);
    const attempts = await world.attempts(groupId, 'submitted');
    const jobs = await jobsOf(attempts);
    expect(jobs).toHaveLength(2_500);
    expect(new Set(jobs.map(({ attemptId }) => attemptId)).size).toBe(2_500);
    expect((await grid.counts()).submissions - before.submissions).toBe(3);
    const { data } = await world.recorder.waitFor('job.submitted', (said) => said['groupId'] === groupId);
    expect(jobs).toContainEqual(
      expect.objectContaining({ attemptId: data['attemptId'], batchId: data['batchId'] }),
    );
    await settled(groupId);
  }, 60_000);

  it('gives a project no more jobs at once than its limit, and the next as soon as one has ended', async () => {
    const groupId = await world.submit({ project: 'small', script: 'true', over: many(7) });
    await submitted(groupId, 3);
    const [first = ''] = await world.attempts(groupId, 'submitted');
    await world.succeed([first, first]);
    await submitted(groupId, 4);
    await settled(groupId);
    await submitted(groupId, 7);
    expect(await world.attempts(groupId, 'queued')).toEqual([]);
    await settled(groupId);
  });

  it('keeps to how many of a group may run at once, where the batch system does not', async () => {
    const groupId = await world.submit({ project: 'higgs', script: 'true', over: many(5), runningAtOnce: 2 });
    await submitted(groupId, 2);
    await settled(groupId);
    await submitted(groupId, 4);
    await settled(groupId);
    await submitted(groupId, 5);
    await settled(groupId);
  });

  it('submits higher priorities first, inside a project', async () => {
    const held = await world.submit({ project: 'small', script: 'true', over: many(3) });
    await submitted(held, 3);
    const low = await world.submit({ project: 'small', script: 'true', priority: 1, over: many(3) });
    await waitFor(() => world.said('job.queued', low) === 3, { what: 'the first group' });
    const high = await world.submit({ project: 'small', script: 'true', priority: 2, over: many(3) });
    await waitFor(() => world.said('job.queued', high) === 3, { what: 'the second group' });
    await settled(held);
    await submitted(high, 3);
    expect(world.said('job.submitted', low)).toBe(0);
    await settled(high);
    await submitted(low, 3);
    await settled(low);
  });

  it('refuses each attempt in the batch system’s own words, and does not try again', async () => {
    await grid.behave({ refuse: 'permanent', words: 'no such queue: "long"' });
    const groupId = await world.submit({ project: 'higgs', script: 'true', over: many(2) });
    await waitFor(() => world.said('job.refused', groupId) === 2, { what: 'both refusals' });
    const { data } = await world.recorder.waitFor('job.refused', (said) => said['groupId'] === groupId);
    expect(data['reason']).toEqual({ fault: 'refused', words: 'no such queue: "long"' });
    expect(await world.attempts(groupId, 'ended')).toHaveLength(2);
  });

  it('backs off while the batch system is not to be had, keeps its words, and goes on by itself', async () => {
    await grid.behave({ refuse: 'temporary', words: 'the schedd is too busy' });
    const groupId = await world.submit({ project: 'higgs', script: 'true' });
    const words = async (): Promise<unknown> =>
      (await world.database.query('select words from attempt where group_id = $1', [groupId])).rows[0];
    await waitFor(async () => JSON.stringify(await words()).includes('too busy'), { what: 'the words' });
    const failures = async (): Promise<number> =>
      (await world.database.query<{ failures: number }>('select failures from back_off')).rows[0]?.failures ??
      0;
    await waitFor(async () => (await failures()) >= 2, { what: 'another try' });
    const metrics = await (await fetch(`${world.services[0]?.url}/metrics`)).text();
    expect(metrics).toContain('slipway_grid_back_off_seconds{backend="pool",words="the schedd is too busy"}');
    await grid.behave({});
    await submitted(groupId, 1);
    await waitFor(async () => (await failures()) === 0, { what: 'the end of the back-off' });
    await settled(groupId);
  }, 60_000);

  it('asks the batch system to end what is cancelled after it was submitted, and says so at once', async () => {
    const groupId = await world.submit({ project: 'higgs', script: 'true', over: many(3) });
    await submitted(groupId, 3);
    const attempts = await world.attempts(groupId, 'submitted');
    await world.cancel(groupId, { indexes: [2] });
    await world.cancel(groupId, { indexes: [2] });
    const { data } = await world.recorder.waitFor('job.cancelling', (said) => said['groupId'] === groupId);
    expect(data['attempts']).toEqual([attempts[2]]);
    const gone = async () => (await jobsOf(attempts)).filter(({ state }) => state === 'gone');
    await waitFor(async () => (await gone()).length === 1, { what: 'one job to be gone' });
    await world.cancel(groupId);
    await waitFor(async () => (await gone()).length === 3, { what: 'all to be gone' });
    // What the submitter says may reach us after the batch system has done it.
    await waitFor(() => world.said('job.cancelling', groupId) >= 2, { what: 'that it is said' });
    await settled(groupId);
    expect(world.said('job.cancelling', groupId)).toBe(2);
    await world.cancel(groupId);
  });

  it('asks again where the batch system loses that, until the ledger says that the job has ended', async () => {
    await grid.behave({ losesCancellations: 2 });
    const before = await grid.counts();
    const groupId = await world.submit({ project: 'higgs', script: 'true', over: many(2) });
    await submitted(groupId, 2);
    const attempts = await world.attempts(groupId, 'submitted');
    await world.cancel(groupId);
    const gone = async () => (await jobsOf(attempts)).every(({ state }) => state === 'gone');
    await waitFor(gone, { what: 'the jobs to be gone' });
    expect((await grid.counts()).cancellations - before.cancellations).toBeGreaterThanOrEqual(3);
    await waitFor(() => world.said('job.cancelling', groupId) >= 1, { what: 'that it is said' });
    await settled(groupId);
    expect(world.said('job.cancelling', groupId)).toBe(1);
    const due = 'select count(*)::int as due from attempt where group_id = $1 and cancel_due_at is not null';
    expect((await world.database.query(due, [groupId])).rows).toEqual([{ due: 0 }]);
  });

  it('cancels what is just being submitted once it is', async () => {
    await grid.behave({ delayAfterMs: 1_000 });
    const groupId = await world.submit({ project: 'higgs', script: 'true' });
    await waitFor(async () => (await world.attempts(groupId, 'submitting')).length === 1, {
      what: 'a submission',
    });
    await world.cancel(groupId);
    await submitted(groupId, 1);
    await world.recorder.waitFor('job.cancelling', (said) => said['groupId'] === groupId);
    const attempts = await world.attempts(groupId, 'submitted');
    await waitFor(async () => (await jobsOf(attempts))[0]?.state === 'gone', { what: 'its end' });
    expect(world.said('job.withdrawn', groupId)).toBe(0);
    await settled(groupId);
  });
});

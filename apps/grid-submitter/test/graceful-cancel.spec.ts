import { waitFor } from '#lab';
import { type SimulatedGrid, startSimulatedGrid } from '../../../test/stand-ins/batch-system/index.js';
import { project, simulated, SubmitterWorld } from './submitter-world.js';

// Real: RabbitMQ, PostgreSQL, the submitter as a process that is killed. Simulated: the batch system, a process too.
describe('the submitter, asked to give cancelled jobs time', () => {
  let grid: SimulatedGrid;
  let world: SubmitterWorld;

  beforeAll(async () => {
    grid = await startSimulatedGrid();
    world = await SubmitterWorld.create({
      testPath: import.meta.url,
      file: {
        projects: [project('higgs', { jobs: 2 })],
        backends: [simulated(grid), { ...simulated(grid), name: 'deaf', transfer: 'backend' }],
      },
      env: { SLIPWAY_PLUGINS: grid.plugin },
    });
    await world.start();
  }, 60_000);
  afterAll(async () => {
    await world.close();
    await grid.stop();
  });

  const submitted = async (groupId: string, count: number): Promise<readonly string[]> => {
    await waitFor(() => world.said('job.submitted', groupId) === count, { what: 'submitted jobs' });
    return world.attempts(groupId, 'submitted');
  };
  const gone = async (attempts: readonly string[]): Promise<number> =>
    (await grid.jobs()).filter(({ attemptId, state }) => attempts.includes(attemptId) && state === 'gone')
      .length;
  const due = async (attempts: readonly string[]) =>
    (
      await world.database.query<{ later: boolean | null }>(
        'select cancel_due_at > now() as later from attempt where id = any($1) order by index',
        [attempts],
      )
    ).rows.map(({ later }) => later);

  it('tells at once, withdraws what is queued, and has the batch system end the others after that time, killed in between', async () => {
    const groupId = await world.submit({ project: 'higgs', script: 'true', over: ['a', 'b', 'c'] });
    const attempts = await submitted(groupId, 2);
    const { cancellations } = await grid.counts();
    await world.cancel(groupId, { graceSeconds: 3_600 });
    const { data } = await world.recorder.waitFor('job.cancelling', (said) => said['groupId'] === groupId);
    expect(data).toMatchObject({ attempts, graceSeconds: 3_600 });
    await world.recorder.waitFor('job.withdrawn', (said) => said['groupId'] === groupId);
    await world.services[0]?.kill('SIGKILL');
    expect(await due(attempts)).toEqual([true, true]);
    await world.start();
    // What comes after it is submitted and ended, and these two still have their time.
    await world.succeed(attempts.slice(0, 1));
    const next = await world.submit({ project: 'higgs', script: 'true' });
    const others = await submitted(next, 1);
    await world.cancel(next);
    await waitFor(async () => (await gone(others)) === 1, { what: 'the other job to be gone' });
    expect(await gone(attempts)).toBe(0);
    expect((await grid.counts()).cancellations).toBe(cancellations + 1);
    await world.services[1]?.kill('SIGKILL');
    // An hour later.
    await world.database.query(
      `update attempt set cancel_due_at = now() where id = any($1) and state = 'submitted'`,
      [attempts],
    );
    await world.start();
    await waitFor(async () => (await gone(attempts)) === 1, { what: 'the cancelled job to be gone' });
    expect(world.said('job.cancelling', groupId)).toBe(1);
    await world.succeed([...attempts, ...others]);
  }, 60_000);

  it('ends at once what somebody will not wait for any more, and what cannot be told', async () => {
    const groupId = await world.submit({ project: 'higgs', script: 'true' });
    const attempts = await submitted(groupId, 1);
    await world.cancel(groupId, { graceSeconds: 3_600 });
    await world.recorder.waitFor('job.cancelling', (said) => said['groupId'] === groupId);
    await world.cancel(groupId, { graceSeconds: 7_200 });
    await world.cancel(groupId);
    await waitFor(async () => (await gone(attempts)) === 1, { what: 'the job to be gone' });
    const deaf = await world.submit({ project: 'higgs', script: 'true', backend: 'deaf' });
    const silent = await submitted(deaf, 1);
    await world.cancel(deaf, { graceSeconds: 3_600 });
    await waitFor(async () => (await gone(silent)) === 1, { what: 'the job that cannot be told to be gone' });
    await world.succeed([...attempts, ...silent]);
  }, 60_000);

  it('gives time to what is just being submitted too, from when it was asked', async () => {
    await grid.behave({ delayAfterMs: 1_000 });
    const groupId = await world.submit({ project: 'higgs', script: 'true' });
    await waitFor(async () => (await world.attempts(groupId, 'submitting')).length === 1, {
      what: 'a submission',
    });
    await world.cancel(groupId, { graceSeconds: 3_600 });
    const attempts = await submitted(groupId, 1);
    await grid.behave({});
    const { data } = await world.recorder.waitFor('job.cancelling', (said) => said['groupId'] === groupId);
    expect(data).toMatchObject({ attempts, graceSeconds: 3_600 });
    expect(await due(attempts)).toEqual([true]);
    await world.cancel(groupId);
    await waitFor(async () => (await gone(attempts)) === 1, { what: 'the job to be gone' });
  }, 60_000);
});

import { derivedName, gridDeadlineMs, sharedCondor, waitFor, whyNoGrid } from '#lab';
import { submissionOf } from './conformance.js';
import { type HtcondorWorld, htcondorWorld } from './htcondor-world.js';

const reason = whyNoGrid();
const name = derivedName(import.meta.url, '-');
const jobs = 1_200;

// Real: the run's HTCondor, which makes these jobs as they are needed.
(reason === undefined ? describe : describe.skip)(reason ?? 'a large group on a real HTCondor', () => {
  let world: HtcondorWorld;
  let ids: readonly string[] = [];
  const submission = submissionOf(Array<string>(jobs).fill('sleep 600'), { transfer: 'http' });
  beforeAll(async () => {
    world = await htcondorWorld(await sharedCondor(), name);
    ids = (await world.backend.submit(submission, world.call)).map(({ batchId }) => batchId);
  }, gridDeadlineMs);

  const statesOf = async (): Promise<ReadonlyMap<string, string>> => {
    const reports = await world.backend.poll(new Set(ids), world.call);
    return new Map(reports.map(({ batchId, state }) => [batchId, state]));
  };
  /** Those that HTCondor has not made yet: the last ones. */
  const unmade = async (): Promise<number> => {
    const cluster = ids[0]?.split('.')[0] ?? '';
    const printed = await world.condor.inside('condor_q', cluster, '-factory', '-json');
    const [ad] = JSON.parse(printed || '[]') as { readonly JobMaterializeNextProcId: number }[];
    return ad ? jobs - ad.JobMaterializeNextProcId : 0;
  };

  it('is found whole, also by who died before it heard so', async () => {
    expect(ids).toHaveLength(jobs);
    const found = await world.backend.find(submission, world.call);
    expect(found.map(({ batchId }) => batchId)).toEqual(ids);
  });

  it('waits also with the jobs that HTCondor has not made yet', async () => {
    expect(await unmade()).toBeGreaterThan(0);
    const states = await statesOf();
    expect(ids.filter((id) => !['waiting', 'running'].includes(states.get(id) ?? 'unknown'))).toEqual([]);
  });

  it('loses single jobs that do not exist yet', async () => {
    const [other, ...cancelled] = ids.slice(-3);
    expect(await unmade()).toBeGreaterThanOrEqual(3);
    await world.backend.cancel(cancelled.slice(0, 1), world.call);
    await world.backend.cancel(cancelled.slice(1), world.call);
    const states = await statesOf();
    expect(cancelled.map((id) => states.get(id))).toEqual(['gone', 'gone']);
    expect(states.get(other ?? '')).toBe('waiting');
  });

  it('is cancelled whole, and none of its jobs begins afterwards', async () => {
    await world.backend.cancel(ids, world.call);
    await waitFor(
      async () => {
        const states = await statesOf();
        return ids.every((id) => states.get(id) === 'gone');
      },
      { what: 'all jobs to be gone', deadlineMs: 90_000, intervalMs: 500 },
    );
    await waitFor(async () => (await unmade()) === 0, {
      what: 'HTCondor to have made and removed the rest',
      deadlineMs: 90_000,
      intervalMs: 500,
    });
    const last = ids.at(-1) ?? '';
    const started = await waitFor(
      () =>
        world.condor.inside(
          'condor_history',
          last,
          '-limit',
          '1',
          '-autoformat',
          'JobStatus',
          'NumJobStarts',
        ),
      { what: 'the last job in the history', deadlineMs: 90_000, intervalMs: 500 },
    );
    expect(started.trim()).toBe('3 0');
    await world.backend.forget(ids, world.call);
  });
});

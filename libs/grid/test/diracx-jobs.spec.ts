import { randomUUID } from 'node:crypto';
import type { BatchReport } from '#grid';
import { type Diracx, gridDeadlineMs, sharedDiracx, whyNoDiracx } from '#lab';
import { submissionOf } from './conformance.js';
import { type DiracxWorld, diracxWorld } from './diracx-world.js';

const reason = whyNoDiracx();

// Real: the run's DiracX server. Nothing runs the jobs: their statuses are set as a pilot sets them.
(reason === undefined ? describe : describe.skip)(reason ?? 'jobs on a real DiracX', () => {
  let diracx: Diracx;
  beforeAll(async () => void (diracx = await sharedDiracx()), gridDeadlineMs);

  const world = (jobsOfPage?: number): Promise<DiracxWorld> =>
    diracxWorld(diracx, `t-${randomUUID()}`, jobsOfPage);

  async function submit({ backend, call }: DiracxWorld, jobs: number): Promise<readonly string[]> {
    const submitted = await backend.submit(submissionOf(Array<string>(jobs).fill('true')), call);
    return submitted.map(({ batchId }) => batchId);
  }
  /** As a pilot and DIRAC's optimizers do, one after the other. */
  async function pass({ ask }: DiracxWorld, id: string, ...statuses: readonly object[]): Promise<void> {
    for (const status of statuses)
      await ask('PATCH', 'jobs/status', {
        [id]: { [new Date().toISOString()]: { Source: 'JobWrapper', ...status } },
      });
  }
  const running = ['Checking', 'Waiting', 'Matched', 'Running'].map((Status) => ({ Status }));
  const stateOf = (reports: readonly BatchReport[], id: string | undefined): BatchReport | undefined =>
    reports.find(({ batchId }) => batchId === id);

  it('are all seen by a poll that takes several pages, whatever state they are in', async () => {
    const dirac = await world(3);
    const { backend, call } = dirac;
    const ids = [...(await submit(dirac, 8)), ...(await submit(dirac, 1))];
    await pass(dirac, ids[1] ?? '', ...running, { Status: 'Done' });
    await pass(dirac, ids[4] ?? '', ...running);
    await backend.cancel([ids[6] ?? ''], call);
    const reports = await backend.poll(new Set(), call);
    expect(reports.map(({ batchId }) => batchId).sort()).toEqual([...ids].sort());
    expect(stateOf(reports, ids[1])).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(stateOf(reports, ids[4])).toMatchObject({ state: 'running' });
    expect(stateOf(reports, ids[6])).toMatchObject({ state: 'gone', reason: { fault: 'cancelled' } });
    expect(stateOf(reports, ids[8])).toMatchObject({ state: 'waiting' });
  });

  it('of another house are not seen, unless one is waited for', async () => {
    const [one, other] = [await world(), await world()];
    const [id = ''] = await submit(other, 1);
    expect(await one.backend.poll(new Set(), one.call)).toEqual([]);
    expect(await one.backend.poll(new Set([id, '999999999', 'x']), one.call)).toMatchObject([
      { batchId: id },
    ]);
  });

  it('end in what DIRAC says of them', async () => {
    const dirac = await world();
    const { backend, call } = dirac;
    const [script = '', stalled = ''] = await submit(dirac, 2);
    await pass(dirac, script, ...running, {
      Status: 'Failed',
      MinorStatus: 'Application Finished With Errors',
      ApplicationStatus: 'Exited With Status 3',
    });
    await pass(dirac, stalled, ...running, { Status: 'Stalled' });
    expect(stateOf(await backend.poll(new Set(), call), stalled)?.state).toBe('running');
    await pass(dirac, stalled, { Status: 'Failed', MinorStatus: 'Job stalled: pilot not running' });
    const reports = await backend.poll(new Set(), call);
    expect(stateOf(reports, script)).toMatchObject({ state: 'ended', exitCode: 3 });
    expect(stateOf(reports, script)?.startedAt?.getTime()).toBeGreaterThan(0);
    expect(stateOf(reports, stalled)).toMatchObject({ state: 'gone', reason: { fault: 'node-failed' } });
    expect(await backend.ownLog(script, call)).toContain('Exited With Status 3');
  });

  describe('of a submission that was cut off', () => {
    /** What is in DiracX when nobody was left to confirm it. */
    async function unconfirmed({ ask }: DiracxWorld, house: string, id: string, jobs: number): Promise<void> {
      const jdl = `Executable = "/bin/sh"; JobName = "${house}/%n/x"; JobGroup = "${id.replaceAll('-', '')}"; Parameters = ${jobs};`;
      expect(await ask('POST', 'jobs/jdl', [jdl])).toMatchObject(
        Array.from({ length: jobs }, () => ({
          Status: 'Submitting',
          MinorStatus: 'Bulk transaction confirmation',
        })),
      );
    }
    const house = `t-${randomUUID()}`;

    it('are confirmed when they are found, in their order, and not again', async () => {
      const dirac = await diracxWorld(diracx, house);
      const { backend, call } = dirac;
      const submission = submissionOf(['true', 'true', 'true']);
      await unconfirmed(dirac, house, submission.id, 3);
      const found = await backend.find(submission, call);
      expect(found.map(({ attemptId }) => attemptId)).toEqual(submission.attempts.map(({ id }) => id));
      const [first = ''] = found.map(({ batchId }) => batchId);
      expect(await backend.ownLog(first, call)).toContain('Received');
      await pass(dirac, first, ...running);
      expect(await backend.find(submission, call)).toEqual(found);
      expect(stateOf(await backend.poll(new Set(), call), first)?.state).toBe('running');
    });

    it('are ended where they are not all there, and not found again', async () => {
      const dirac = await diracxWorld(diracx, house);
      const { backend, call } = dirac;
      const submission = submissionOf(['true', 'true', 'true']);
      await unconfirmed(dirac, house, submission.id, 2);
      expect(await backend.find(submission, call)).toEqual([]);
      expect(await backend.find(submission, call)).toEqual([]);
    });
  });

  it('of somebody else with the same JobGroup are not found', async () => {
    const dirac = await world();
    const { backend, call } = dirac;
    const submission = submissionOf(['true']);
    await backend.submit(submission, call);
    const identity = {
      name: 'other',
      type: 'diracx-key',
      username: diracx.users[1],
      secret: () => diracx.key,
    } as const;
    expect(await backend.find(submission, { ...call, identity })).toEqual([]);
    expect(await backend.find(submission, call)).toHaveLength(1);
  });

  it('of somebody else cannot be cancelled', async () => {
    const dirac = await world();
    const ids = await submit(dirac, 1);
    const identity = {
      name: 'other',
      type: 'diracx-key',
      username: diracx.users[1],
      secret: () => diracx.key,
    } as const;
    await expect(dirac.backend.cancel(ids, { ...dirac.call, identity })).rejects.toMatchObject({
      code: 'grid.unauthorized',
      temporary: false,
    });
  });

  it('are refused in the words of DiracX when there are more than it takes at once', async () => {
    const dirac = await world();
    await expect(submit(dirac, dirac.backend.mostAttempts + 1)).rejects.toMatchObject({
      code: 'grid.refused',
      message: expect.stringContaining('cannot submit more than 20 jobs at once') as string,
    });
    expect(await submit(dirac, dirac.backend.mostAttempts)).toHaveLength(20);
  });

  it('are not asked for with a key that DiracX does not know', async () => {
    const { backend, call } = await world();
    const identity = {
      name: 'stranger',
      type: 'diracx-key',
      username: 'ada',
      secret: () => 'c2VjcmV0',
    } as const;
    await expect(backend.probe({ ...call, identity })).rejects.toMatchObject({ code: 'grid.unauthorized' });
  });
});

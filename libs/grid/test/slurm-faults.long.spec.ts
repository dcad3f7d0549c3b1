import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BatchReport, Submission } from '#grid';
import {
  type BackendWorld,
  isOver,
  isRunning,
  derivedName,
  gridDeadlineMs,
  type OwnSlurm,
  startSlurm,
  waitFor,
  whyNoGrid,
} from '#lab';
import { submissionOf } from './conformance.js';
import { slurmWorld, ways } from './slurm-world.js';

const reason = whyNoGrid();
let directory: string;
let slurm: OwnSlurm;

const needing = (resources: Partial<Submission['template']['resources']>): Submission => {
  const { template, ...rest } = submissionOf(['true', 'true']);
  return { ...rest, template: { ...template, resources: { ...template.resources, ...resources } } };
};

// Real: a Slurm of its own, whose controller and node are taken down.
(reason === undefined ? describe : describe.skip)(reason ?? 'on a Slurm in trouble', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-slurm-'));
    slurm = await startSlurm({ directory, settings: { MinJobAge: '2', MessageTimeout: '3' } });
  }, gridDeadlineMs);
  afterAll(async () => {
    await slurm?.kill();
    await rm(directory, { recursive: true, force: true });
  });

  describe.each(ways)('the backend by %s', (way) => {
    const house = `${derivedName(import.meta.url, '-')}-${way}`;
    let world: BackendWorld;
    let ended: Promise<BatchReport>;
    beforeAll(async () => {
      world = await slurmWorld(slurm, { house, way });
      // Slurm looks at time limits twice a minute: the other tests go on meanwhile.
      const [timed = ''] = await world.submit(submissionOf(['sleep 300']));
      await world.until(timed, 'the job to run', isRunning);
      await slurm.inside('scontrol', 'update', `JobId=${timed}`, 'EndTime=now+1');
      ended = world.until(timed, 'the job to be ended', isOver);
      // The test that awaits it says so.
      ended.catch(() => undefined);
    });
    /** How many jobs, tasks of arrays counted one by one, Slurm has of a submission. */
    const copies = async ({ id }: Submission): Promise<number> => {
      const lines = await slurm.inside('squeue', '--states=all', '--noheader', '--array', '--format=%k');
      return lines.split('\n').filter((line) => line.trim() === `${house}:${id}`).length;
    };

    it('refuses in its own words what no node can ever run, and leaves nothing behind', async () => {
      const submission = needing({ cpus: 4_000 });
      await expect(world.backend.submit(submission, world.call)).rejects.toMatchObject({
        code: 'grid.refused',
        temporary: false,
        message: expect.stringContaining('Requested node configuration is not available'),
      });
      expect(await world.backend.find(submission, world.call)).toEqual([]);
      const reports = await world.backend.poll(new Set(), world.call);
      expect(reports.filter((report) => !isOver(report) && report.state !== 'running')).toEqual([]);
    });

    it('submits once, whatever becomes of the controller in between', async () => {
      const submission = submissionOf(['sleep 300', 'sleep 300']);
      await slurm.stopDaemon('slurmctld');
      try {
        const away = { code: 'grid.unavailable', temporary: true };
        await expect(world.backend.submit(submission, world.call)).rejects.toMatchObject(away);
        await expect(world.backend.poll(new Set(), world.call)).rejects.toMatchObject(away);
        await expect(world.backend.cancel(['1'], world.call)).rejects.toMatchObject(away);
      } finally {
        await slurm.startDaemon('slurmctld');
      }
      expect(await world.backend.find(submission, world.call)).toEqual([]);
      const jobs = await world.backend.submit(submission, world.call);
      await slurm.stopDaemon('slurmctld');
      await slurm.startDaemon('slurmctld');
      expect(await world.backend.find(submission, world.call)).toEqual(jobs);
      expect(await copies(submission)).toBe(2);
      await world.backend.cancel(
        jobs.map(({ batchId }) => batchId),
        world.call,
      );
    }, 240_000);

    // By slurmrestd it takes until all is asked anew: see rest-states.spec.ts.
    if (way === 'tools')
      it('shows a job as held that a person has put on hold', async () => {
        const [first = '', second = ''] = await world.submit(
          submissionOf(['sleep 300', 'sleep 300'], { runningAtOnce: 1 }),
        );
        await world.until(first, 'the first to run', isRunning);
        await slurm.inside('scontrol', 'hold', second);
        expect(
          await world.until(second, 'the second to be held', ({ state }) => state === 'held'),
        ).toMatchObject({
          reason: { fault: 'held', words: expect.stringContaining('JobHeldAdmin') },
        });
        await world.backend.cancel([first, second], world.call);
      });

    it('says so of a task that was cancelled before it ran, of which Slurm keeps no trace', async () => {
      const ids = await world.submit(submissionOf(Array(4).fill('sleep 300'), { runningAtOnce: 1 }));
      const [first = '', second = '', third = '', fourth = ''] = ids;
      await world.until(first, 'the first to run', isRunning);
      await world.backend.cancel([third], world.call);
      expect(await world.until(third, 'the third to be gone', isOver)).toMatchObject({ state: 'gone' });
      const waiting = await world.backend.poll(new Set(ids), world.call);
      for (const id of [second, fourth])
        expect(waiting.find(({ batchId }) => batchId === id)).toMatchObject({ state: 'waiting' });
      await world.backend.cancel(ids, world.call);
      for (const id of ids) await world.until(id, `${id} to be gone`, ({ state }) => state === 'gone');
    });

    it('knows how a job ended that Slurm has forgotten, by what it left behind', async () => {
      const [id = ''] = await world.submit(submissionOf(['exit 7']));
      await world.until(id, 'the job to end', isOver);
      const shown = (): Promise<string> =>
        slurm.inside('squeue', '--states=all', '--noheader', '--format=%i');
      await waitFor(async () => !(await shown()).split('\n').includes(id), {
        what: 'Slurm to forget the job',
        deadlineMs: 120_000,
      });
      expect(await world.until(id, 'the job’s end', isOver)).toMatchObject({ state: 'ended', exitCode: 7 });
      await world.backend.forget([id], world.call);
      expect(await world.backend.poll(new Set([id]), world.call)).not.toContainEqual(
        expect.objectContaining({ batchId: id }),
      );
    });

    it('says that a job was ended for its time, in its own words', async () => {
      expect(await ended).toMatchObject({
        state: 'gone',
        reason: { fault: 'wall-time-exceeded', words: expect.stringContaining('TIMEOUT') },
      });
    });

    it('tells a lost node from a script that failed', async () => {
      const [id = ''] = await world.submit(submissionOf(['sleep 300']));
      const { node = '' } = await world.until(id, 'the job to run', isRunning);
      await slurm.inside('scontrol', 'update', `NodeName=${node}`, 'State=DOWN', 'Reason=a test');
      try {
        expect(await world.until(id, 'the job to be gone', isOver)).toMatchObject({
          state: 'gone',
          reason: { fault: 'node-failed', words: expect.stringContaining('NODE_FAIL') },
        });
      } finally {
        // A node that registers again meanwhile is back by itself, and then there is nothing to resume.
        await waitFor(
          async () => {
            await slurm.inside('scontrol', 'update', `NodeName=${node}`, 'State=RESUME').catch(() => {});
            return !(await slurm.inside('sinfo', '--noheader', '--format=%T')).includes('down');
          },
          { what: 'the node to be back' },
        );
      }
    });
  });
});

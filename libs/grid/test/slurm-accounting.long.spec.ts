import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BatchReport, Submission } from '#grid';
import {
  type BackendWorld,
  isOver,
  isRunning,
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

// Real: a Slurm of its own with slurmdbd and MariaDB, whose controller forgets what ended after two seconds.
(reason === undefined ? describe : describe.skip)(reason ?? 'on a Slurm with accounting', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-slurm-'));
    slurm = await startSlurm({ directory, accounting: true, settings: { MinJobAge: '2' } });
  }, gridDeadlineMs);
  afterAll(async () => {
    await slurm?.kill();
    await rm(directory, { recursive: true, force: true });
  });

  describe.each(ways)('the backend by %s', (way) => {
    let world: BackendWorld;
    beforeAll(async () => {
      // No directory is shared: nothing but the accounting can say how a job ended.
      world = await slurmWorld(slurm, { house: `accounted-${way}`, way, settings: { directory: undefined } });
    });
    const submit = (does: readonly string[], changes: Partial<Submission> = {}): Promise<string[]> =>
      world.submit(submissionOf(does, { transfer: 'http', ...changes }));
    /** Nothing of these is in the controller's memory any more. */
    const forgotten = async (ids: readonly string[]): Promise<void> => {
      const jobs = new Set(ids.map((id) => id.split('_')[0] ?? ''));
      await waitFor(
        async () => {
          const listed = await slurm.inside('squeue', '--states=all', '--noheader', '--format=%F');
          return listed.split('\n').every((line) => !jobs.has(line.trim()));
        },
        { what: `Slurm to forget ${[...jobs].join(', ')}`, deadlineMs: 180_000 },
      );
    };
    const reportsOf = async (ids: readonly string[]): Promise<(BatchReport | undefined)[]> => {
      const reports = await world.backend.poll(new Set(ids), world.call);
      return ids.map((id) => reports.find(({ batchId }) => batchId === id));
    };

    it('knows how each job ended that the controller has forgotten', async () => {
      const tasks = await submit(['true', 'exit 7', 'sleep 300', 'sleep 300', 'sleep 300'], {
        runningAtOnce: 3,
      });
      const [alone = ''] = await submit(['exit 3']);
      const [timed = ''] = await submit(['sleep 300']);
      const [, , cancelled = '', , never = ''] = tasks;
      await world.until(cancelled, 'the third to run', isRunning);
      await world.until(timed, 'the last one to run', isRunning);
      await slurm.inside('scontrol', 'update', `JobId=${timed}`, 'EndTime=now+1');
      await world.backend.cancel([never], world.call);
      await world.backend.cancel(tasks.slice(2), world.call);
      const all = [...tasks, alone, timed];
      for (const id of all) await world.until(id, `${id} to be over`, isOver);
      await forgotten(all);
      const gone = (fault: string): object => ({ state: 'gone', reason: { fault } });
      expect(await reportsOf(all)).toMatchObject([
        { state: 'ended', exitCode: 0, node: 'grid-lab', endedAt: expect.any(Date) },
        { state: 'ended', exitCode: 7, node: 'grid-lab', startedAt: expect.any(Date) },
        gone('cancelled'),
        gone('cancelled'),
        gone('cancelled'),
        { state: 'ended', exitCode: 3 },
        gone('wall-time-exceeded'),
      ]);
    }, 400_000);

    it('is patient when the accounting is away, and asks again', async () => {
      const [id = ''] = await submit(['exit 5']);
      await world.until(id, 'it to be over', isOver);
      await forgotten([id]);
      await slurm.stopDaemon('slurmdbd');
      try {
        await expect(world.backend.poll(new Set([id]), world.call)).rejects.toMatchObject({
          code: 'grid.unavailable',
          temporary: true,
        });
      } finally {
        await slurm.startDaemon('slurmdbd');
      }
      expect(await world.until(id, 'its end', isOver)).toMatchObject({ state: 'ended', exitCode: 5 });
    }, 400_000);
  });
});

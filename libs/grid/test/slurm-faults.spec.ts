import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendResource } from '#contracts';
import {
  backendKinds,
  type BatchReport,
  type Call,
  type GridBackend,
  openBackend,
  type Submission,
} from '#grid';
import { derivedName, GRID_DEADLINE_MS, type OwnSlurm, startSlurm, waitFor, whyNoGrid } from '#lab';
import { submissionOf } from './conformance.js';

const reason = whyNoGrid();
const call: Call = { signal: AbortSignal.timeout(900_000) };
let directory: string;
let slurm: OwnSlurm;

async function open(way: string): Promise<GridBackend> {
  const shared = slurm.workDirectory(derivedName(import.meta.url, '-') + way);
  const token = await slurm.token();
  const reached = way === 'tools' ? { tools: slurm.bin } : { url: slurm.url };
  return openBackend(backendKinds, {
    settings: backendResource.schema.parse({ name: 'cluster', kind: 'slurm', directory: shared, ...reached }),
    house: `faults-${way}`,
    directory: shared,
    own: { name: 'robot', type: 'slurm-token', secret: () => token },
    logger: { info: () => {}, warn: () => {} },
  });
}

const needing = (resources: Partial<Submission['template']['resources']>): Submission => {
  const { template, ...rest } = submissionOf(['true', 'true']);
  return { ...rest, template: { ...template, resources: { ...template.resources, ...resources } } };
};

// Real: a Slurm of its own, whose controller and node are taken down.
(reason === undefined ? describe : describe.skip)(reason ?? 'on a Slurm in trouble', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-slurm-'));
    slurm = await startSlurm({ directory, settings: { MinJobAge: '2', MessageTimeout: '3' } });
  }, GRID_DEADLINE_MS);
  afterAll(async () => {
    await slurm?.kill();
    await rm(directory, { recursive: true, force: true });
  });

  describe.each(['tools', 'rest'])('the backend by %s', (way) => {
    let backend: GridBackend;
    let ended: Promise<BatchReport>;
    beforeAll(async () => {
      backend = await open(way);
      // Slurm looks at time limits twice a minute: the other tests go on meanwhile.
      const [timed = ''] = await submit(submissionOf(['sleep 300']));
      await until(timed, 'the job to run', running);
      await slurm.inside('scontrol', 'update', `JobId=${timed}`, 'EndTime=now+1');
      ended = until(timed, 'the job to be ended', over);
      // The test that awaits it says so.
      ended.catch(() => undefined);
    });
    const submit = async (submission: Submission): Promise<string[]> =>
      (await backend.submit(submission, call)).map(({ batchId }) => batchId);
    const until = (id: string, what: string, holds: (report: BatchReport) => boolean): Promise<BatchReport> =>
      waitFor(
        async () => (await backend.poll(new Set([id]), call)).find((one) => one.batchId === id && holds(one)),
        { what, deadlineMs: 60_000 },
      );
    const running = ({ state }: BatchReport): boolean => state === 'running';
    const over = ({ state }: BatchReport): boolean => state === 'ended' || state === 'gone';
    /** How many jobs, tasks of arrays counted one by one, Slurm has of a submission. */
    const copies = async ({ id }: Submission): Promise<number> => {
      const lines = await slurm.inside('squeue', '--states=all', '--noheader', '--array', '--format=%k');
      return lines.split('\n').filter((line) => line.trim() === `faults-${way}:${id}`).length;
    };

    it('refuses in its own words what no node can ever run, and leaves nothing behind', async () => {
      const submission = needing({ cpus: 4_000 });
      await expect(backend.submit(submission, call)).rejects.toMatchObject({
        code: 'grid.refused',
        temporary: false,
        message: expect.stringContaining('Requested node configuration is not available'),
      });
      expect(await backend.find(submission, call)).toEqual([]);
      const reports = await backend.poll(new Set(), call);
      expect(reports.filter((report) => !over(report) && report.state !== 'running')).toEqual([]);
    });

    it('submits once, whatever becomes of the controller in between', async () => {
      const submission = submissionOf(['sleep 300', 'sleep 300']);
      await slurm.stopDaemon('slurmctld');
      try {
        const away = { code: 'grid.unavailable', temporary: true };
        await expect(backend.submit(submission, call)).rejects.toMatchObject(away);
        await expect(backend.poll(new Set(), call)).rejects.toMatchObject(away);
        await expect(backend.cancel(['1'], call)).rejects.toMatchObject(away);
      } finally {
        await slurm.startDaemon('slurmctld');
      }
      expect(await backend.find(submission, call)).toEqual([]);
      const jobs = await backend.submit(submission, call);
      await slurm.stopDaemon('slurmctld');
      await slurm.startDaemon('slurmctld');
      expect(await backend.find(submission, call)).toEqual(jobs);
      expect(await copies(submission)).toBe(2);
      await backend.cancel(
        jobs.map(({ batchId }) => batchId),
        call,
      );
    }, 240_000);

    // By slurmrestd it takes until all is asked anew: see rest-states.spec.ts.
    if (way === 'tools')
      it('shows a job as held that a person has put on hold', async () => {
        const [first = '', second = ''] = await submit(
          submissionOf(['sleep 300', 'sleep 300'], { runningAtOnce: 1 }),
        );
        await until(first, 'the first to run', running);
        await slurm.inside('scontrol', 'hold', second);
        expect(await until(second, 'the second to be held', ({ state }) => state === 'held')).toMatchObject({
          reason: { fault: 'held', words: expect.stringContaining('JobHeldAdmin') },
        });
        await backend.cancel([first, second], call);
      });

    it('says so of a task that was cancelled before it ran, of which Slurm keeps no trace', async () => {
      const ids = await submit(submissionOf(Array(4).fill('sleep 300'), { runningAtOnce: 1 }));
      const [first = '', second = '', third = '', fourth = ''] = ids;
      await until(first, 'the first to run', running);
      await backend.cancel([third], call);
      expect(await until(third, 'the third to be gone', over)).toMatchObject({ state: 'gone' });
      const waiting = await backend.poll(new Set(ids), call);
      for (const id of [second, fourth])
        expect(waiting.find(({ batchId }) => batchId === id)).toMatchObject({ state: 'waiting' });
      await backend.cancel(ids, call);
      for (const id of ids) await until(id, `${id} to be gone`, ({ state }) => state === 'gone');
    });

    it('knows how a job ended that Slurm has forgotten, by what it left behind', async () => {
      const [id = ''] = await submit(submissionOf(['exit 7']));
      await until(id, 'the job to end', over);
      const shown = (): Promise<string> =>
        slurm.inside('squeue', '--states=all', '--noheader', '--format=%i');
      await waitFor(async () => !(await shown()).split('\n').includes(id), {
        what: 'Slurm to forget the job',
        deadlineMs: 120_000,
      });
      expect(await until(id, 'the job’s end', over)).toMatchObject({ state: 'ended', exitCode: 7 });
      await backend.forget([id], call);
      expect(await backend.poll(new Set([id]), call)).not.toContainEqual(
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
      const [id = ''] = await submit(submissionOf(['sleep 300']));
      const { node = '' } = await until(id, 'the job to run', running);
      await slurm.inside('scontrol', 'update', `NodeName=${node}`, 'State=DOWN', 'Reason=a test');
      try {
        expect(await until(id, 'the job to be gone', over)).toMatchObject({
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

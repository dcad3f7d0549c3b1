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
import { GRID_DEADLINE_MS, type OwnSlurm, startSlurm, waitFor, whyNoGrid } from '#lab';
import { submissionOf } from './conformance.js';

const reason = whyNoGrid();
const call: Call = { signal: AbortSignal.timeout(900_000) };
let directory: string;
let slurm: OwnSlurm;

async function open(way: string): Promise<GridBackend> {
  const token = await slurm.token();
  const reached = way === 'tools' ? { tools: slurm.bin } : { url: slurm.url };
  return openBackend(backendKinds, {
    // No directory is shared: nothing but the accounting can say how a job ended.
    settings: backendResource.schema.parse({ name: 'cluster', kind: 'slurm', ...reached }),
    house: `accounted-${way}`,
    directory: slurm.workDirectory(`accounted-${way}`),
    own: { name: 'robot', type: 'slurm-token', secret: () => token },
    logger: { info: () => {}, warn: () => {} },
  });
}

// Real: a Slurm of its own with slurmdbd and MariaDB, whose controller forgets what ended after two seconds.
(reason === undefined ? describe : describe.skip)(reason ?? 'on a Slurm with accounting', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-slurm-'));
    slurm = await startSlurm({ directory, accounting: true, settings: { MinJobAge: '2' } });
  }, GRID_DEADLINE_MS);
  afterAll(async () => {
    await slurm?.kill();
    await rm(directory, { recursive: true, force: true });
  });

  describe.each(['tools', 'rest'])('the backend by %s', (way) => {
    let backend: GridBackend;
    beforeAll(async () => {
      backend = await open(way);
    });
    const submit = async (does: readonly string[], changes: Partial<Submission> = {}): Promise<string[]> => {
      const submission = submissionOf(does, { transfer: 'http', ...changes });
      return (await backend.submit(submission, call)).map(({ batchId }) => batchId);
    };
    const until = (
      id: string,
      what: string,
      holds: (report: BatchReport) => boolean,
    ): Promise<BatchReport> => {
      let last: BatchReport | undefined;
      return waitFor(
        async () => {
          last = (await backend.poll(new Set([id]), call)).find((one) => one.batchId === id);
          return last !== undefined && holds(last) ? last : undefined;
        },
        { what, deadlineMs: 90_000 },
      ).catch((error: unknown) => {
        throw new Error(`last said: ${JSON.stringify(last)}`, { cause: error });
      });
    };
    const running = ({ state }: BatchReport): boolean => state === 'running';
    const over = ({ state }: BatchReport): boolean => state === 'ended' || state === 'gone';
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
      const reports = await backend.poll(new Set(ids), call);
      return ids.map((id) => reports.find(({ batchId }) => batchId === id));
    };

    it('knows how each job ended that the controller has forgotten', async () => {
      const tasks = await submit(['true', 'exit 7', 'sleep 300', 'sleep 300', 'sleep 300'], {
        runningAtOnce: 3,
      });
      const [alone = ''] = await submit(['exit 3']);
      const [timed = ''] = await submit(['sleep 300']);
      const [, , cancelled = '', , never = ''] = tasks;
      await until(cancelled, 'the third to run', running);
      await until(timed, 'the last one to run', running);
      await slurm.inside('scontrol', 'update', `JobId=${timed}`, 'EndTime=now+1');
      await backend.cancel([never], call);
      await backend.cancel(tasks.slice(2), call);
      const all = [...tasks, alone, timed];
      for (const id of all) await until(id, `${id} to be over`, over);
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
      await until(id, 'it to be over', over);
      await forgotten([id]);
      await slurm.stopDaemon('slurmdbd');
      try {
        await expect(backend.poll(new Set([id]), call)).rejects.toMatchObject({
          code: 'grid.unavailable',
          temporary: true,
        });
      } finally {
        await slurm.startDaemon('slurmdbd');
      }
      expect(await until(id, 'its end', over)).toMatchObject({ state: 'ended', exitCode: 5 });
    }, 400_000);
  });
});

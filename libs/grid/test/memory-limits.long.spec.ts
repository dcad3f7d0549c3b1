import {
  type BackendWorld,
  backendWorld,
  isOver,
  gridDeadlineMs,
  type OwnGrids,
  ownGrids,
  waitFor,
  whyNoGrid,
} from '#lab';
import { submissionOf } from './conformance.js';

const reason = whyNoGrid();
// Asked for are 64 MiB; `tail` holds what nobody takes from it.
const greedy = 'head -c 300000000 /dev/zero | tail -c 300000000 | sleep 300';

// Real: an HTCondor and a Slurm of their own, which watch over the memory of jobs, as sites have them do it without
// control groups.
(reason === undefined ? describe : describe.skip)(
  reason ?? 'a job that takes more memory than it asked for',
  () => {
    let grids: OwnGrids;
    beforeAll(async () => {
      grids = await ownGrids('memory', {
        condor: { slots: 2, settings: 'use POLICY : HOLD_IF_MEMORY_EXCEEDED\nPOLLING_INTERVAL = 2' },
        slurm: {
          accounting: true,
          settings: {
            MinJobAge: '2',
            JobAcctGatherType: 'jobacct_gather/linux',
            JobAcctGatherFrequency: 'task=1',
            JobAcctGatherParams: 'OverMemoryKill',
          },
        },
      });
    }, gridDeadlineMs);
    afterAll(() => grids?.close());

    /** A job that takes more than it may, and how the batch system is reached. */
    const greed = async (
      kind: 'htcondor' | 'slurm',
      reached: Readonly<Record<string, string>>,
    ): Promise<{ readonly id: string; readonly world: BackendWorld }> => {
      const token = kind === 'slurm' ? await grids.slurm.token() : '';
      const world = await backendWorld(kind === 'slurm' ? grids.slurm : grids.condor, {
        house: kind,
        settings: { kind, ...reached },
        ...(kind === 'slurm' && { own: { name: 'robot', type: 'slurm-token', secret: () => token } }),
      });
      const transfer = 'directory' in reached ? 'backend' : 'http';
      const [id = ''] = await world.submit(submissionOf([greedy], { transfer }));
      return { id, world };
    };

    it('is held by HTCondor, and the cause says for what', async () => {
      const { id, world } = await greed('htcondor', { tools: grids.condor.bin });
      const report = await world.until(id, 'the job to be held', ({ state }) => state === 'held');
      expect(report).toMatchObject({
        reason: { fault: 'memory-exceeded', words: expect.stringMatching(/memory usage exceeded/i) },
      });
    }, 200_000);

    const counted = /took \d{9} bytes of memory and had asked for 67108864/;
    const ways: readonly [string, RegExp, () => Readonly<Record<string, string>>][] = [
      ['the tools and the accounting', counted, () => ({ tools: grids.slurm.bin })],
      ['slurmrestd and its accounting', counted, () => ({ url: grids.slurm.url })],
      [
        'the tools and what Slurm prints',
        /exceeded memory limit \(\d{9} > 67108864\)/,
        () => ({ tools: grids.slurm.bin, directory: grids.slurm.workDirectory('shared') }),
      ],
    ];
    it.each(ways)(
      'is ended by Slurm, and the cause says for what, by %s',
      async (_how, words, reach) => {
        const { id, world } = await greed('slurm', reach());
        const report = await world.until(id, 'the job to be stopped for it', isOver);
        const said = {
          state: 'gone',
          reason: { fault: 'memory-exceeded', words: expect.stringMatching(/memory/) },
        };
        expect(report.reason?.words).toMatch(words);
        expect(report).toMatchObject(said);
        await waitFor(
          async () => {
            const listed = await grids.slurm.inside('squeue', '--states=all', '--noheader', '--format=%i');
            return !listed.split('\n').some((line) => line.trim() === id);
          },
          { what: 'Slurm to forget it', deadlineMs: 180_000 },
        );
        const told = await world.backend.poll(new Set([id]), world.call);
        expect(told.find(({ batchId }) => batchId === id)).toMatchObject(said);
      },
      400_000,
    );
  },
);

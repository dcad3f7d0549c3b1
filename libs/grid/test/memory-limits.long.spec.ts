import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendResource } from '#contracts';
import { backendKinds, type BatchReport, type Call, openBackend } from '#grid';
import {
  GRID_DEADLINE_MS,
  type OwnCondor,
  type OwnSlurm,
  startCondor,
  startSlurm,
  waitFor,
  whyNoGrid,
} from '#lab';
import { submissionOf } from './conformance.js';

const reason = whyNoGrid();
const call: Call = { signal: AbortSignal.timeout(900_000) };
// Asked for are 64 MiB; `tail` holds what nobody takes from it.
const greedy = 'head -c 300000000 /dev/zero | tail -c 300000000 | sleep 300';

// Real: an HTCondor and a Slurm of their own, which watch over the memory of jobs, as sites have them do it without
// control groups.
(reason === undefined ? describe : describe.skip)(
  reason ?? 'a job that takes more memory than it asked for',
  () => {
    let directory: string;
    let condor: OwnCondor;
    let slurm: OwnSlurm;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'slipway-memory-'));
      condor = await startCondor({
        directory: join(directory, 'condor'),
        slots: 2,
        settings: 'use POLICY : HOLD_IF_MEMORY_EXCEEDED\nPOLLING_INTERVAL = 2',
      });
      slurm = await startSlurm({
        directory: join(directory, 'slurm'),
        accounting: true,
        settings: {
          MinJobAge: '2',
          JobAcctGatherType: 'jobacct_gather/linux',
          JobAcctGatherFrequency: 'task=1',
          JobAcctGatherParams: 'OverMemoryKill',
        },
      });
    }, GRID_DEADLINE_MS);
    afterAll(async () => {
      await Promise.allSettled([condor?.kill(), slurm?.kill()]);
      if (directory) await rm(directory, { recursive: true, force: true });
    });

    const greed = async (
      kind: 'htcondor' | 'slurm',
      reached: object,
      holds: ({ state }: BatchReport) => boolean,
    ): Promise<{ id: string; report: BatchReport; again: () => Promise<BatchReport | undefined> }> => {
      const lab = kind === 'slurm' ? slurm : condor;
      const token = kind === 'slurm' ? await slurm.token() : '';
      const backend = await openBackend(backendKinds, {
        settings: backendResource.schema.parse({ name: 'pool', kind, ...reached }),
        house: kind,
        directory: lab.workDirectory(kind),
        ...(kind === 'slurm' && {
          own: { name: 'robot', type: 'slurm-token' as const, secret: () => token },
        }),
        logger: { info: () => {}, warn: () => {} },
      });
      const transfer = 'directory' in reached ? 'backend' : 'http';
      const [job] = await backend.submit(submissionOf([greedy], { transfer }), call);
      const id = job?.batchId ?? '';
      const again = async (): Promise<BatchReport | undefined> =>
        (await backend.poll(new Set([id]), call)).find(({ batchId }) => batchId === id);
      let last: BatchReport | undefined;
      const report = await waitFor(
        async () => {
          last = await again();
          return last !== undefined && holds(last) ? last : undefined;
        },
        { what: 'the job to be stopped for it', deadlineMs: 120_000 },
      ).catch(async (error: unknown) => {
        throw new Error(`${JSON.stringify(last)}\n${await backend.ownLog(id, call)}`, { cause: error });
      });
      return { id, report, again };
    };

    it('is held by HTCondor, and the cause says for what', async () => {
      const { report } = await greed('htcondor', { tools: condor.bin }, ({ state }) => state === 'held');
      expect(report).toMatchObject({
        reason: { fault: 'memory-exceeded', words: expect.stringMatching(/memory usage exceeded/i) },
      });
    }, 200_000);

    const counted = /took \d{9} bytes of memory and had asked for 67108864/;
    const ways: readonly [string, RegExp, () => Readonly<Record<string, string>>][] = [
      ['the tools and the accounting', counted, () => ({ tools: slurm.bin })],
      ['slurmrestd and its accounting', counted, () => ({ url: slurm.url })],
      [
        'the tools and what Slurm prints',
        /exceeded memory limit \(\d{9} > 67108864\)/,
        () => ({ tools: slurm.bin, directory: slurm.workDirectory('shared') }),
      ],
    ];
    it.each(ways)(
      'is ended by Slurm, and the cause says for what, by %s',
      async (_how, words, reach) => {
        const reached = reach();
        const over = ({ state }: BatchReport): boolean => state === 'gone' || state === 'ended';
        const { id, report, again } = await greed('slurm', reached, over);
        const said = {
          state: 'gone',
          reason: { fault: 'memory-exceeded', words: expect.stringMatching(/memory/) },
        };
        expect(report.reason?.words).toMatch(words);
        expect(report).toMatchObject(said);
        await waitFor(
          async () => {
            const listed = await slurm.inside('squeue', '--states=all', '--noheader', '--format=%i');
            return !listed.split('\n').some((line) => line.trim() === id);
          },
          { what: 'Slurm to forget it', deadlineMs: 180_000 },
        );
        expect(await again()).toMatchObject(said);
      },
      400_000,
    );
  },
);

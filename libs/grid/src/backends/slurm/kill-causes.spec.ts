import { temporary } from '#errors';
import type { BatchReport } from '../../backend.js';
import { type CauseSource, KillCauses } from './kill-causes.js';

const killed: BatchReport = { batchId: '7', state: 'ended', signal: 9, node: 'wn1' };
const memory = { fault: 'memory-exceeded', words: 'took too much' } as const;

describe('what Slurm killed a job for', () => {
  let now = 0;
  let asked: (readonly string[])[];
  let causes: KillCauses;
  let accounting: CauseSource['accounted'];
  let output: string | undefined;
  beforeEach(() => {
    now = 0;
    asked = [];
    causes = new KillCauses(() => now);
    accounting = async () => undefined;
    output = undefined;
  });
  const said = async (...reports: readonly BatchReport[]): Promise<readonly BatchReport[]> =>
    causes.in(reports, new Set(['7', '8', '9']), {
      printed: async () => output,
      accounted: (ids) => {
        asked.push(ids);
        return accounting(ids);
      },
    });

  it('is asked for once, in one question, and of no other job', async () => {
    accounting = async (ids) => ids.map((batchId) => ({ batchId, state: 'gone', reason: memory }));
    const others: readonly BatchReport[] = [
      { batchId: '9', state: 'ended', exitCode: 3 },
      { batchId: '10', state: 'ended', signal: 9 },
      { batchId: '8', state: 'running' },
    ];
    const also = { ...killed, batchId: '8' };
    expect(await said(killed, ...others.slice(0, 2), also)).toMatchObject([
      { batchId: '7', state: 'gone', reason: memory, node: 'wn1' },
      ...others.slice(0, 2),
      { batchId: '8', state: 'gone', reason: memory },
    ]);
    await said(killed, also);
    expect(asked).toEqual([['7', '8']]);
  });

  it('stands in what Slurm printed, in its own words', async () => {
    output = 'begin\nslurmstepd-wn1: error: StepId=7.batch exceeded memory limit (9 > 5), being killed\n';
    const words = 'StepId=7.batch exceeded memory limit (9 > 5), being killed';
    expect(await said(killed)).toMatchObject([
      { state: 'gone', reason: { fault: 'memory-exceeded', words } },
    ]);
    expect(asked).toEqual([]);
  });

  it('is nothing of the batch system’s where the accounting has no cause, or there is none', async () => {
    expect(await said(killed)).toEqual([killed]);
    causes = new KillCauses(() => now);
    accounting = async () => [killed];
    expect(await said(killed)).toEqual([killed]);
  });

  it('is waited for a minute where the accounting is away or behind', async () => {
    accounting = () => Promise.reject(temporary('grid.unavailable', 'slurmdbd is away'));
    expect(await said(killed)).toMatchObject([{ state: 'running' }]);
    accounting = async () => [{ batchId: '7', state: 'running' }];
    now = 59_999;
    expect(await said(killed)).toMatchObject([{ state: 'running' }]);
    now = 60_000;
    expect(await said(killed)).toEqual([killed]);
  });
});

import { accountedList, jobList } from './rest-answers.js';
import { parseSacct } from './sacct.js';
import { parseSqueue, squeueFormat } from './squeue.js';

const nonce = 'f00d';
const row = (...cells: readonly string[]): string => `${cells.map((cell) => `${cell}|${nonce}|`).join('')}\n`;

describe('what squeue prints', () => {
  it('is asked for with what nobody can guess between the fields', () => {
    expect(squeueFormat(nonce)).toContain(`ArrayJobID:|${nonce}|,ArrayTaskID:|${nonce}|`);
  });

  it('is read field by field, line breaks and bars in a comment included', () => {
    const text =
      row('14', 'N/A', 'RUNNING', '0:0', 'ada', '1795332778', 'NONE', 'n1', 'None', 'a\n15|N/A|FAILED|b') +
      row('16', '3', 'FAILED', '3:0', 'ada', '1795332778', '1795332779', 'n2', 'NonZeroExitCode', '(null)');
    expect(parseSqueue(text, nonce)).toEqual([
      expect.objectContaining({ id: '14', tasks: 'none', comment: 'a\n15|N/A|FAILED|b', endedAt: undefined }),
      expect.objectContaining({
        id: '16',
        tasks: { numbers: [3], open: false },
        exitCode: 3,
        startedAt: new Date(1_795_332_778_000),
        endedAt: new Date(1_795_332_779_000),
      }),
    ]);
  });

  it('may be empty, or cut off', () => {
    expect(parseSqueue('', nonce)).toEqual([]);
    expect(parseSqueue(row('14', 'N/A', 'RUNNING'), nonce)).toEqual([]);
  });
});

// As Slurm 24.11 with slurmdbd printed it.
describe('what the accounting says', () => {
  it('is read from sacct', () => {
    const text = [
      '1_0|COMPLETED|0:0|1795334308|1795334309|lab',
      '1_1|FAILED|1:0|1795334308|1795334309|lab',
      '3|FAILED|0:9|1795334308|1795334309|lab',
      '4_0|CANCELLED by 1000|0:0|1795334308|1795334309|lab',
      '4_[1-9%1]|CANCELLED by 1000|0:0|1795334309|1795334309|None assigned',
      '',
    ].join('\n');
    expect(parseSacct(text)).toMatchObject([
      { id: '1', tasks: { numbers: [0] }, states: ['COMPLETED'], nodes: 'lab' },
      { id: '1', tasks: { numbers: [1] }, states: ['FAILED'], exitCode: 1 },
      { id: '3', tasks: 'none', states: ['FAILED'], exitCode: 0, signal: 9 },
      { id: '4', tasks: { numbers: [0] }, states: ['CANCELLED'], reason: 'by 1000' },
      { id: '4', tasks: { numbers: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, states: ['CANCELLED'], nodes: '' },
    ]);
  });

  it('is read from slurmrestd', () => {
    const set = (number: number): object => ({ set: true, infinite: false, number });
    const unset = { set: false, infinite: false, number: 0 };
    const ended = { time: { start: 1_795_334_308, end: 1_795_334_309 }, nodes: 'lab' };
    const { jobs } = accountedList.parse({
      jobs: [
        {
          job_id: 4,
          array: { job_id: 4, task_id: unset, task: '0x3FE' },
          state: { current: ['CANCELLED'], reason: 'JobArrayTaskLimit' },
          exit_code: { return_code: set(0), signal: { id: unset, name: '' } },
          ...ended,
          nodes: 'None assigned',
        },
        {
          job_id: 3,
          array: { job_id: 0, task_id: unset, task: '' },
          state: { current: ['FAILED'], reason: 'None' },
          exit_code: { return_code: unset, signal: { id: set(9), name: 'Killed' } },
          ...ended,
        },
      ],
    });
    expect(jobs).toMatchObject([
      { id: '4', tasks: { numbers: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, states: ['CANCELLED'], nodes: '' },
      { id: '3', tasks: 'none', signal: 9, exitCode: 0, endedAt: new Date(1_795_334_309_000) },
    ]);
  });
});

describe('what slurmrestd says of a job', () => {
  it('does without what a version does not have', () => {
    expect(jobList.parse({ jobs: [{ job_id: 7, job_state: ['PENDING'], comment: 4 }] }).jobs).toMatchObject([
      { own: 7, id: '7', tasks: 'none', comment: '', exitCode: 0 },
    ]);
  });
});

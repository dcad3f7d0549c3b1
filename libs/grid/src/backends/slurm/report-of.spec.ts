import { judge } from './report-of.js';
import { reportsOf } from './reports-of.js';
import { inRanges, type SlurmJob, tasksOf } from './slurm-job.js';

const job = (changes: Partial<SlurmJob>): SlurmJob => ({
  id: '14',
  tasks: 'none',
  states: ['RUNNING'],
  reason: 'None',
  exitCode: 0,
  signal: 0,
  user: 'grid',
  comment: '',
  nodes: '',
  ...changes,
});

describe('what a state of Slurm means', () => {
  it.each([
    ['waiting', { states: ['PENDING'], reason: 'Resources' }],
    ['waiting', { states: ['SOMETHING_NEW'] }],
    ['running', { states: ['RUNNING', 'CONFIGURING'] }],
    ['running', { states: ['COMPLETING'] }],
    ['running', { states: ['COMPLETED', 'COMPLETING'] }],
    ['suspended', { states: ['SUSPENDED'] }],
    ['held', { states: ['PENDING'], reason: 'JobHeldAdmin' }],
    ['held', { states: ['PENDING'], reason: 'BadConstraints' }],
    ['held', { states: ['PENDING', 'REQUEUE_HOLD'] }],
    ['ended', { states: ['COMPLETED'] }],
  ])('%s: %j', (state, changes) => {
    expect(judge(job(changes))).toMatchObject({ state });
  });

  it.each([
    [
      { states: ['FAILED'], reason: 'NonZeroExitCode', exitCode: 3 },
      { state: 'ended', exitCode: 3 },
    ],
    [
      { states: ['FAILED'], reason: 'RaisedSignal:9(Killed)', signal: 9 },
      { state: 'ended', signal: 9 },
    ],
  ])('the script failed: %j', (changes, outcome) => {
    expect(judge(job(changes))).toEqual(outcome);
  });

  it.each([
    ['refused', { states: ['FAILED'], reason: 'BadConstraints', signal: 1 }, 'FAILED: BadConstraints'],
    ['node-failed', { states: ['FAILED'], reason: 'JobLaunchFailure' }, 'FAILED: JobLaunchFailure'],
    ['backend-failed', { states: ['FAILED'], reason: 'None', signal: 53 }, 'FAILED'],
    ['wall-time-exceeded', { states: ['TIMEOUT'], reason: 'TimeLimit' }, 'TIMEOUT: TimeLimit'],
    ['memory-exceeded', { states: ['OUT_OF_MEMORY'], reason: 'OutOfMemory' }, 'OUT_OF_MEMORY: OutOfMemory'],
    ['node-failed', { states: ['NODE_FAIL'], reason: 'NodeDown' }, 'NODE_FAIL: NodeDown'],
    ['node-failed', { states: ['BOOT_FAIL'] }, 'BOOT_FAIL'],
    ['evicted', { states: ['PREEMPTED'] }, 'PREEMPTED'],
    ['cancelled', { states: ['CANCELLED'], reason: 'by 1000' }, 'CANCELLED: by 1000'],
  ])('the batch system gave it up, %s: %j', (fault, changes, words) => {
    expect(judge(job(changes))).toEqual({ state: 'gone', reason: { fault, words } });
  });
});

describe('what is said of all jobs', () => {
  const states = (jobs: readonly SlurmJob[], open: readonly string[]): object =>
    Object.fromEntries(reportsOf(jobs, open).map(({ batchId, state }) => [batchId, state]));

  it('counts each task of an array', () => {
    const jobs = [
      job({ tasks: tasksOf('2-4,6%2'), states: ['PENDING'] }),
      job({ tasks: tasksOf('0'), states: ['COMPLETED'] }),
    ];
    expect(states(jobs, ['14_0', '14_2', '15_0'])).toEqual({
      '14_0': 'ended',
      '14_2': 'waiting',
      '14_3': 'waiting',
      '14_4': 'waiting',
      '14_6': 'waiting',
    });
  });

  it('takes what is left of an array for its tasks that were cancelled with it', () => {
    expect(states([job({ states: ['CANCELLED'] })], ['14_7'])).toMatchObject({ '14_7': 'gone' });
  });

  it('takes a task that Slurm did not list to the end for one that still waits', () => {
    const jobs = [job({ tasks: tasksOf('1,3,...'), states: ['PENDING'] })];
    expect(states(jobs, ['14_9'])).toMatchObject({ '14_9': 'waiting' });
  });

  it('says nothing of a job that it does not know at all', () => {
    expect(states([job({})], ['15', '16_0', 'nonsense'])).toEqual({ '14': 'running' });
  });
});

describe('ids of jobs', () => {
  it('go in bulk as ranges, and nothing else goes with them', () => {
    expect(inRanges(['14_1', '14_0', '9', '14_3', '14_1', '-u root', '5; rm', ''])).toEqual([
      '9',
      '14_[0-1,3]',
    ]);
  });

  it('are read as Slurm writes the tasks of an array: as ranges, with steps, as bits', () => {
    expect(tasksOf('[0-2,7%4]').numbers).toEqual([0, 1, 2, 7]);
    expect(tasksOf('1-9:4').numbers).toEqual([1, 5, 9]);
    expect(tasksOf('0x3FE').numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(tasksOf('0-99999999999').numbers).toEqual([]);
  });
});

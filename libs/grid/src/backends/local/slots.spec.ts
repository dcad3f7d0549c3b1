import { type QueuedJob, startsOf, tooMuch } from './slots.js';

const machine = { cores: [0, 1, 2, 3], memoryBytes: 8 };

const job = (
  id: string,
  changes: Partial<QueuedJob> & { cpus?: number; memory?: number } = {},
): QueuedJob => ({
  id,
  submission: 'a',
  index: 0,
  priority: 0,
  submittedAt: '2026-11-22T08:00:00Z',
  runningAtOnce: undefined,
  resources: { cpus: changes.cpus ?? 1, memoryBytes: changes.memory ?? 1, diskBytes: 1, wallTimeSeconds: 1 },
  ...changes,
});

const ids = (...of: Parameters<typeof startsOf>): readonly string[] =>
  startsOf(...of).map((start) => start.job.id);

describe('the slots of a machine', () => {
  it('give each job cores of its own', () => {
    const starts = startsOf(machine, [job('a', { cpus: 2 }), job('b', { index: 1 })], []);
    expect(starts.map(({ cores }) => cores)).toEqual([[0, 1], [2]]);
  });

  it('hold neither more cores nor more memory than there are', () => {
    expect(ids(machine, [job('a', { cpus: 3 }), job('b', { cpus: 2, index: 1 })], [])).toEqual(['a']);
    expect(ids(machine, [job('a')], [{ submission: 'b', cores: [0], memoryBytes: 8 }])).toEqual([]);
  });

  it('go to the higher priority first, then to who came first', () => {
    const waiting = [
      job('late', { submittedAt: '2026-11-22T09:00:00Z' }),
      job('early'),
      job('high', { priority: 1 }),
    ];
    expect(ids(machine, waiting, [])).toEqual(['high', 'early', 'late']);
  });

  it('let nobody pass a wide job for ever', () => {
    const waiting = [job('wide', { cpus: 4 }), job('narrow', { index: 1 })];
    expect(ids(machine, waiting, [{ submission: 'b', cores: [0], memoryBytes: 1 }])).toEqual([]);
  });

  it('let others pass a group that may run no more at once', () => {
    const waiting = [job('a', { runningAtOnce: 1 }), job('b', { submission: 'b', index: 1 })];
    expect(ids(machine, waiting, [{ submission: 'a', cores: [0], memoryBytes: 1 }])).toEqual(['b']);
  });

  it('say what will never fit', () => {
    expect(tooMuch(machine, job('a', { cpus: 5 }).resources)).toBe('wants 5 cores; this machine has 4');
    expect(tooMuch(machine, job('a').resources)).toBeUndefined();
  });
});

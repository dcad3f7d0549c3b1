import { hasEnded } from '#contracts';
import type { Attempt } from './attempt.js';
import { after, unheardEnd } from './attempt-state.js';
import type { Report } from './report.js';
import { retryAt } from './retry.js';

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 22, 8, 0, second));

const queued: Attempt = {
  id: 'a',
  groupId: 'g',
  jobId: 'j',
  index: 0,
  number: 1,
  project: 'higgs',
  backend: 'pool',
  madeAt: at(0),
  isLatest: true,
  state: 'queued',
  stateAt: at(0),
};

const submitted: Report = { from: 'submitter', state: 'submitted', at: at(1), facts: { batchId: '31.0' } };
const waiting: Report = { from: 'backend', state: 'waiting', at: at(2), facts: { batchId: '31.0' } };
const seenRunning: Report = {
  from: 'backend',
  state: 'running',
  at: at(4),
  facts: { node: 'slot1@wn7', startedAt: at(3) },
};
const started: Report = {
  from: 'worker',
  state: 'running',
  at: at(3),
  facts: { node: 'wn7', startedAt: at(3) },
};
const done: Report = {
  from: 'worker',
  state: 'succeeded',
  at: at(9),
  facts: { exitCode: 0, endedAt: at(9) },
};
const broken: Report = {
  from: 'worker',
  state: 'failed',
  at: at(9),
  reason: { fault: 'script-failed', words: 'step "test" ended with exit code 2' },
  facts: { exitCode: 2, endedAt: at(9) },
};
const gone: Report = {
  from: 'backend',
  state: 'ended',
  at: at(10),
  reason: { fault: 'memory-exceeded', words: 'memory usage exceeded request_memory' },
  facts: { endedAt: at(9) },
};
const unwanted: Report = {
  from: 'submitter',
  state: 'cancelling',
  at: at(5),
  reason: { fault: 'cancelled', words: 'ada did not want it any more' },
};
const stalled: Report = {
  from: 'submitter',
  state: 'cancelling',
  at: at(5),
  reason: { fault: 'stalled', words: 'no sign of life since 08:00' },
};
const obeyed: Report = {
  from: 'worker',
  state: 'cancelled',
  at: at(9),
  reason: { fault: 'cancelled', words: 'told to end' },
  facts: { signal: 15, endedAt: at(9) },
};
const killed: Report = {
  from: 'worker',
  state: 'failed',
  at: at(9),
  reason: { fault: 'evicted', words: 'ended by signal 15' },
  facts: { signal: 15, endedAt: at(9) },
};
const refused: Report = {
  from: 'submitter',
  state: 'failed',
  at: at(1),
  reason: { fault: 'refused', words: 'no such queue' },
};

const fold = (reports: readonly Report[]): Attempt => reports.reduce(after<Attempt>, queued);

/** What is heard, and the time that the job has to say how it ended passes then. */
const settled = (reports: readonly Report[]): Attempt => {
  const heard = fold(reports);
  return hasEnded(heard.state) ? heard : after(heard, unheardEnd(heard, at(70)));
};

function* orders<T>(of: readonly T[]): Generator<readonly T[]> {
  if (of.length === 0) yield [];
  for (const [place, first] of of.entries())
    for (const rest of orders([...of.slice(0, place), ...of.slice(place + 1)])) yield [first, ...rest];
}

const stories: readonly (readonly [string, readonly Report[], Partial<Attempt>])[] = [
  ['a job that does its work', [submitted, waiting, seenRunning, started, done], { state: 'succeeded' }],
  [
    'a job whose end the batch system saw too',
    [submitted, seenRunning, started, done, gone],
    { state: 'succeeded', exitCode: 0, node: 'wn7' },
  ],
  [
    "a script that failed, which is not the batch system's fault",
    [submitted, waiting, started, broken, gone],
    { state: 'failed', reason: broken.reason, exitCode: 2 },
  ],
  [
    'a job that the batch system killed, and that could not say so',
    [submitted, waiting, seenRunning, started, gone],
    { state: 'failed', reason: gone.reason },
  ],
  [
    'a job that somebody did not want and that obeyed',
    [submitted, started, seenRunning, unwanted, obeyed],
    { state: 'cancelled', reason: unwanted.reason },
  ],
  [
    'a job that nobody heard of and that was ended for it',
    [submitted, started, stalled, { ...gone, reason: { fault: 'evicted', words: 'removed' } }],
    { state: 'lost', reason: stalled.reason },
  ],
  [
    'a job that was done before it could be ended',
    [submitted, started, unwanted, done],
    { state: 'succeeded' },
  ],
  ['a job that was refused', [refused], { state: 'failed', reason: refused.reason }],
];

describe('an attempt', () => {
  it.each(stories)('comes to the same end in every order, doubled or not: %s', (_name, reports, expected) => {
    // A wish is not undone by time: what was wished before the end is heard before it, and so is its effect.
    const causal = (order: readonly Report[]): boolean =>
      order.every(({ state }, place) => state !== 'cancelling' || !order.slice(0, place).some(isLastWord));
    const ends = [...orders(reports)].filter(causal).map((order) => settled(order));
    expect(ends.length).toBeGreaterThan(0);
    for (const end of ends) expect(end).toMatchObject(expected);
    for (const order of orders(reports)) {
      const doubled = order.flatMap((report) => [report, report]);
      expect(settled(doubled)).toEqual(settled(order));
      expect(settled([...order, ...order])).toEqual(settled(order));
    }
  });

  it('knows all facts at its end, whatever was heard first, the job before the batch system', () => {
    for (const order of orders([submitted, waiting, seenRunning, started, done]))
      expect(fold(order)).toMatchObject({ batchId: '31.0', node: 'wn7', startedAt: at(3), endedAt: at(9) });
  });

  it('knows what it was given by the job, and what it took by the batch system, whichever was heard first', () => {
    const told = { ...done, facts: { ...done.facts, usage: { inputBytes: [10, null, 2_048] } } };
    const counted = { ...gone, reason: undefined, facts: { usage: { cpuSeconds: 3 } } };
    for (const order of orders([started, told, counted]))
      expect(fold(order).usage).toEqual({ cpuSeconds: 3, inputBytes: [10, null, 2_048] });
  });

  it('never goes back, and never leaves a last state, whatever is said by whom', () => {
    const all = [
      submitted,
      waiting,
      seenRunning,
      started,
      done,
      broken,
      gone,
      unwanted,
      stalled,
      obeyed,
      killed,
    ];
    const rank = ['queued', 'submitted', 'waiting', 'running'];
    const wrong: (readonly Report[])[] = [];
    for (const one of all)
      for (const two of all)
        for (const three of all)
          for (const four of all) {
            let attempt = queued;
            for (const report of [one, two, three, four]) {
              const next = after(attempt, report);
              const wentBack =
                !hasEnded(next.state) && rank.indexOf(next.state) < rank.indexOf(attempt.state);
              const left = hasEnded(attempt.state) && next.state !== attempt.state;
              if (wentBack || left || after(next, report) !== next) wrong.push([one, two, three, four]);
              attempt = next;
            }
          }
    expect(wrong).toEqual([]);
  });

  it('is not changed by what cannot know: the batch system says nothing of success', () => {
    expect(after(queued, { from: 'backend', state: 'succeeded', at: at(1) })).toBe(queued);
    expect(after(queued, { from: 'worker', state: 'lost', at: at(1) })).toBe(queued);
  });

  it('that was killed because somebody wished it counts as what was wished', () => {
    expect(fold([started, unwanted, killed])).toMatchObject({ state: 'cancelled', reason: unwanted.reason });
    expect(fold([started, stalled, unwanted, killed])).toMatchObject({ state: 'cancelled' });
    expect(fold([started, killed])).toMatchObject({ state: 'failed', reason: { fault: 'evicted' } });
  });

  it('of which the batch system says an end without a cause tells its exit code in words', () => {
    const end = fold([started, { from: 'backend', state: 'ended', at: at(9), facts: { exitCode: 3 } }]);
    expect(end.state).toBe('running');
    expect(after(end, unheardEnd(end, at(70)))).toMatchObject({
      state: 'failed',
      reason: { fault: 'backend-failed', words: expect.stringContaining('exit code 3') as string },
    });
  });

  it('of which nothing but its kill is known is told what that may have been for', () => {
    const end = fold([started, { from: 'backend', state: 'ended', at: at(9), facts: { signal: 9 } }]);
    expect(unheardEnd(end, at(70)).reason?.words).toMatch(
      /by signal 9, as what takes too much memory may be/,
    );
  });
});

const isLastWord = ({ from, state }: Report): boolean => from === 'worker' && state !== 'running';

describe('a further attempt', () => {
  const policy = { most: 2, on: ['evicted' as const, 'stalled' as const], delaySeconds: 30 };
  const ended = (given: Partial<Attempt>): Attempt => ({
    ...queued,
    state: 'failed',
    reason: { fault: 'evicted', words: '' },
    ...given,
  });

  it('waits longer each time, and there are as many as the job says', () => {
    expect(retryAt(policy, ended({ number: 1 }), at(0))).toEqual(at(30));
    expect(retryAt(policy, ended({ number: 2 }), at(0))).toEqual(at(60));
    expect(retryAt(policy, ended({ number: 3 }), at(0))).toBeUndefined();
  });

  it('is made only after the faults that the job names, and never of what is not wanted', () => {
    expect(retryAt(policy, ended({ reason: { fault: 'script-failed', words: '' } }), at(0))).toBeUndefined();
    expect(retryAt(policy, ended({ state: 'succeeded', reason: undefined }), at(0))).toBeUndefined();
    const cancel = { fault: 'cancelled' as const, words: '', at: at(0) };
    expect(retryAt(policy, ended({ cancel }), at(0))).toBeUndefined();
  });
});

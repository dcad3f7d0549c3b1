import type { AllowedFailures } from './allowed-failures.js';
import type { FanOut, Item, Over } from './fan-out.js';
import { type Counts, nextStage, type Next, type SoFar, type Stage, type StageName } from './next-stage.js';

const items: readonly Item[] = ['a', 'b', 'c', 'd'].map((key) => ({ key, variables: {} }));
const list: Over = { kind: 'list', items };
const command: Over = { kind: 'command', script: 'ls' };
const upTo = (count: number): AllowedFailures => ({ kind: 'count', count });
const plan = (over: Partial<FanOut> = {}): FanOut => ({
  over: list,
  allowedFailures: upTo(0),
  stopEarly: false,
  artifacts: 'all',
  ...over,
});
const stage = (
  name: StageName,
  outcome?: Stage['outcome'],
  states: Counts = {},
  more: Partial<Stage> = {},
): Stage => ({
  name,
  jobs: name === 'work' ? 4 : 1,
  states,
  outcome,
  ...more,
});
const next = (soFar: Partial<SoFar>): Next => nextStage({ stages: [], isCancelled: false, ...soFar });
const ended = (answer: Next): string => {
  if (answer.do !== 'finish') return answer.do;
  const { ending } = answer;
  return ending.state === 'failed'
    ? `failed by ${ending.decidedBy ?? 'words'}: ${ending.words}`
    : ending.state;
};
const listed = stage('list', 'succeeded', { succeeded: 1 });
const allWell = stage('work', 'succeeded', { succeeded: 4 });
const oneFailed = stage('work', 'failed', { succeeded: 3, failed: 1 });

describe('a CI job that does not fan out', () => {
  it('is one grid job, and ends as that does', () => {
    expect(next({})).toEqual({ do: 'submit', stage: 'work' });
    expect(next({ stages: [stage('work')] })).toEqual({ do: 'wait' });
    const after = (outcome: Stage['outcome']): string =>
      ended(next({ stages: [stage('work', outcome, {}, { jobs: 1 })] }));
    expect(after('succeeded')).toBe('success');
    expect(after('failed')).toBe('failed by work: its grid job failed');
    expect(after('cancelled')).toBe('failed by work: it was cancelled on the grid');
  });

  it('fails with the words of a grid that does not take it', () => {
    const refused = stage('work', 'refused', {}, { refusal: 'nobody it may run as' });
    expect(ended(next({ stages: [refused] }))).toBe('failed by words: nobody it may run as');
  });
});

describe('a list', () => {
  it('that the variable holds is worked on at once', () => {
    expect(next({ fanOut: plan() })).toEqual({ do: 'submit', stage: 'work', items });
  });

  it('that has to be made is made, read, and then worked on', () => {
    const fanOut = plan({ over: command });
    expect(next({ fanOut })).toEqual({ do: 'submit', stage: 'list' });
    expect(next({ fanOut, stages: [stage('list')] })).toEqual({ do: 'wait' });
    expect(next({ fanOut, stages: [listed] })).toEqual({ do: 'read-list' });
    expect(next({ fanOut, stages: [listed], list: items })).toEqual({ do: 'submit', stage: 'work', items });
  });

  it('that could not be made, is empty, or was refused by the grid, ends the job', () => {
    const fanOut = plan({ over: { kind: 'file', path: 'sets.txt', format: 'text' } });
    const failed = stage('list', 'failed', { failed: 1 });
    expect(ended(next({ fanOut, stages: [failed] }))).toMatch(
      /^failed by list: the list .* could not be made/,
    );
    expect(ended(next({ fanOut, stages: [stage('list', 'cancelled')] }))).toMatch(/^failed by list/);
    expect(ended(next({ fanOut, stages: [listed], list: { refused: 'sets.txt has no items' } }))).toBe(
      'failed by words: sets.txt has no items',
    );
    const refused = stage('list', 'refused', {}, { refusal: 'no such project' });
    expect(ended(next({ fanOut, stages: [refused] }))).toBe('failed by words: no such project');
  });
});

describe('the work', () => {
  it('succeeds when all of it did, or no more failed than may, which it then says', () => {
    expect(next({ fanOut: plan(), stages: [allWell] })).toEqual({
      do: 'finish',
      ending: { state: 'success' },
    });
    expect(next({ fanOut: plan({ allowedFailures: upTo(1) }), stages: [oneFailed] })).toEqual({
      do: 'finish',
      ending: { state: 'success', words: '1 of 4 jobs did not succeed; 1 may fail' },
    });
  });

  it('fails when more did not succeed than may, whether they failed, were lost or were cancelled on the grid', () => {
    expect(ended(next({ fanOut: plan(), stages: [oneFailed] }))).toBe(
      'failed by work: 1 of 4 jobs did not succeed; none may fail',
    );
    const mixed = stage('work', 'failed', { succeeded: 1, lost: 1, cancelled: 1, failed: 1 });
    expect(ended(next({ fanOut: plan({ allowedFailures: upTo(2) }), stages: [mixed] }))).toMatch(
      /^failed by work: 3 of 4/,
    );
  });

  it('goes on to its end though too many failed, unless it is to stop early', () => {
    const working = stage('work', undefined, { failed: 2, running: 2 });
    expect(next({ fanOut: plan(), stages: [working] })).toEqual({ do: 'wait' });
    const fanOut = plan({ stopEarly: true, allowedFailures: upTo(1) });
    expect(next({ fanOut, stages: [working] })).toEqual({
      do: 'stop',
      stage: 'work',
      words: '2 of 4 jobs did not succeed; 1 may fail: the rest is cancelled',
    });
    expect(next({ fanOut, stages: [stage('work', undefined, { failed: 1, running: 3 })] })).toEqual({
      do: 'wait',
    });
    expect(next({ fanOut, stages: [{ ...working, isStopping: true }] })).toEqual({ do: 'wait' });
    const stopped = stage('work', 'cancelled', { failed: 2, cancelled: 2 });
    expect(ended(next({ fanOut, stages: [stopped] }))).toMatch(/^failed by work: 4 of 4/);
  });
});

describe('merging', () => {
  const fanOut = plan({ merge: 'hadd', allowedFailures: upTo(1) });

  it('begins when no more failed than may, and has the last word', () => {
    expect(next({ fanOut, stages: [allWell] })).toEqual({ do: 'submit', stage: 'merge' });
    expect(next({ fanOut, stages: [oneFailed] })).toEqual({ do: 'submit', stage: 'merge' });
    expect(next({ fanOut, stages: [oneFailed, stage('merge')] })).toEqual({ do: 'wait' });
    const after = (outcome: Stage['outcome']): string =>
      ended(next({ fanOut, stages: [oneFailed, stage('merge', outcome)] }));
    expect(after('succeeded')).toBe('success');
    expect(after('failed')).toBe('failed by merge: merging failed');
    expect(after('cancelled')).toBe('failed by merge: merging was cancelled on the grid');
    const refused = stage('merge', 'refused', {}, { refusal: 'too much memory' });
    expect(ended(next({ fanOut, stages: [oneFailed, refused] }))).toBe('failed by words: too much memory');
  });

  it('says how many are missing in what it merged', () => {
    expect(next({ fanOut, stages: [oneFailed, stage('merge', 'succeeded')] })).toMatchObject({
      ending: { words: '1 of 4 jobs did not succeed; 1 may fail' },
    });
  });

  it('does not begin when too many failed, nor over nothing', () => {
    const two = stage('work', 'failed', { succeeded: 2, failed: 2 });
    expect(ended(next({ fanOut, stages: [two] }))).toMatch(/^failed by work: 2 of 4/);
    const none = stage('work', 'failed', { failed: 4 });
    const anything = plan({ merge: 'hadd', allowedFailures: { kind: 'percent', percent: 100 } });
    expect(ended(next({ fanOut: anything, stages: [none] }))).toMatch(/nothing to merge/);
  });
});

describe('a CI job that is cancelled', () => {
  const fanOut = plan({ over: command, merge: 'hadd' });
  const inEachStage: readonly (readonly [StageName, readonly Stage[]])[] = [
    ['list', []],
    ['work', [listed]],
    ['merge', [listed, allWell]],
  ];

  it('before anything was handed in is over', () => {
    expect(ended(next({ fanOut, isCancelled: true }))).toBe('cancelled');
  });

  it.each(inEachStage)(
    'in the stage %s stops that once, waits for it, and begins no other',
    (name, before) => {
      const cancelled = (last: Stage): Next =>
        next({ fanOut, stages: [...before, last], list: items, isCancelled: true });
      expect(cancelled(stage(name))).toEqual({ do: 'stop', stage: name, words: 'cancelled in GitLab' });
      expect(cancelled(stage(name, undefined, {}, { isStopping: true }))).toEqual({ do: 'wait' });
      expect(ended(cancelled(stage(name, 'cancelled')))).toBe('cancelled');
      expect(ended(cancelled(stage(name, 'succeeded', { succeeded: 4 })))).toBe('cancelled');
      expect(ended(cancelled(stage(name, 'failed', { failed: 1 })))).toBe('cancelled');
    },
  );
});

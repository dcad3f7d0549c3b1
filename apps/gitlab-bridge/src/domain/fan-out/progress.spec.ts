import { isLineDue, lineSeconds, type Progress, progressLine } from './progress-line.js';
import { type FailedJob, mostFailedShown, sharedExitCode, summaryOf } from './summary.js';
import { columns, shortened, size, span } from './terminal.js';

const since = new Date('2026-11-22T10:00:00Z');
const after = (seconds: number): Date => new Date(since.getTime() + seconds * 1_000);
// eslint-disable-next-line no-control-regex -- they are what is to be taken out
const plain = (text: string): string => text.replace(/\u001B\[\d+[mK]/g, '').replaceAll('\r', '');
const progress = (over: Partial<Progress> = {}): Progress => ({
  jobs: 411,
  states: { succeeded: 230, failed: 3, running: 120, waiting: 50 },
  since,
  at: after(1_200),
  ...over,
});

describe('the line that renews itself', () => {
  it('takes the place of the one before, and tells counts, share, pace and what is left', () => {
    const line = progressLine(progress());
    expect(line.startsWith('\r\u001B[0K')).toBe(true);
    expect(line).not.toContain('\n');
    expect(plain(line)).toBe(
      '411 jobs: 230 succeeded, 3 failed, 120 running, 50 waiting, 8 queued · 56% · 12/min · ~15 min 17 s left',
    );
    expect(line).toContain('\u001B[32m230 succeeded\u001B[0m, \u001B[31m3 failed\u001B[0m');
  });

  it('guesses nothing before enough have ended, nor when all have', () => {
    expect(plain(progressLine(progress({ states: {} })))).toBe('411 jobs: 411 queued · 0%');
    expect(plain(progressLine(progress({ states: { succeeded: 4, running: 407 } })))).toMatch(
      /running · 0%$/,
    );
    expect(plain(progressLine(progress({ states: { succeeded: 411 } })))).toBe(
      '411 jobs: 411 succeeded · 100%',
    );
  });

  it('fits into 130 columns with 20,000 jobs in all states but the rarest', () => {
    const states = { succeeded: 9_999, failed: 1_111, running: 4_444, waiting: 2_222, submitted: 1_000 };
    const line = plain(progressLine(progress({ jobs: 20_000, states, at: after(86_000) })));
    expect(line.length).toBeLessThanOrEqual(130);
    expect(line).toContain('1224 queued');
  });

  it('is due when something changed and the time for it has come, and at the end at once', () => {
    const states = { succeeded: 1, running: 410 };
    const told = { at: after(10), states: { running: 411 } };
    expect(isLineDue(progress({ states, at: after(10) }), undefined)).toBe(true);
    expect(isLineDue(progress({ states, at: after(11) }), told)).toBe(false);
    expect(isLineDue(progress({ states, at: after(13) }), told)).toBe(true);
    expect(isLineDue(progress({ states: { running: 411 }, at: after(9_000) }), told)).toBe(false);
    expect(isLineDue(progress({ states: { succeeded: 411 }, at: after(11) }), told)).toBe(true);
  });

  it('takes less than a tenth of the log that GitLab keeps in two days', () => {
    const bytes = Buffer.byteLength(
      progressLine(progress({ states: { succeeded: 200, failed: 9, running: 202 } })),
    );
    let lines = 0;
    for (let age = 0; age < 2 * 86_400; age += lineSeconds(age)) lines += 1;
    expect(lines * bytes).toBeLessThan(420_000);
  });
});

const failedJob = (index: number, over: Partial<FailedJob> = {}): FailedJob => ({
  key: `/lhcb/MC/2018/set-${index}`,
  state: 'failed',
  fault: 'script-failed',
  words: 'the step step_script ended with exit code 2',
  exitCode: 2,
  node: `wn-${index}.example.org`,
  attempts: 1,
  url: `https://slipway.example.org/jobs/${index}`,
  ...over,
});

describe('the table at the end', () => {
  it('has the counts, the sums, and for each job that failed why, where and its page', () => {
    const text = summaryOf({
      ...progress({ states: { succeeded: 409, failed: 1, lost: 1 }, at: after(3_700) }),
      failed: [
        failedJob(7),
        failedJob(12, {
          state: 'lost',
          fault: 'vanished',
          words: 'gone\u001B[2J\nfrom the queue',
          exitCode: undefined,
          node: undefined,
          attempts: 3,
        }),
      ],
      cpuSeconds: 90_000,
      outputBytes: 1_540_000_000,
      logLines: 12_345,
      url: 'https://slipway.example.org/jobs/groups/g',
    });
    expect(plain(text)).toBe(`411 jobs: 409 succeeded, 1 failed, 1 lost
1 h 1 min · 1 d 1 h of CPU · 1.5 GB brought back · 12345 lines of log

ITEM                  STATE   EXIT  NODE              TRIES  REASON                                                      PAGE
/lhcb/MC/2018/set-7   failed  2     wn-7.example.org  1      script-failed: the step step_script ended with exit code 2  https://slipway.example.org/jobs/7
/lhcb/MC/2018/set-12  lost    -     -                 3      vanished: gone [2J from the queue                           https://slipway.example.org/jobs/12

All of them, with their logs: https://slipway.example.org/jobs/groups/g
`);
  });

  it('of a fan-out without a failure is two lines', () => {
    const text = summaryOf({
      ...progress({ states: { succeeded: 411 } }),
      failed: [],
      outputBytes: 0,
      logLines: 1,
    });
    expect(plain(text)).toBe('411 jobs: 411 succeeded\n20 min · 0 B brought back · 1 line of log\n');
  });

  it('of 20,000 that failed says what they have in common, and shows the first of them', () => {
    const failed = Array.from({ length: 1_000 }, (_, index) =>
      failedJob(index, index % 4 === 0 ? { fault: 'memory-exceeded', exitCode: undefined, signal: 9 } : {}),
    );
    const text = summaryOf({
      ...progress({ jobs: 20_000, states: { failed: 20_000 } }),
      failed,
      outputBytes: 0,
      logLines: 0,
    });
    expect(plain(text)).toContain(
      'Why of the first 1000 they did not succeed: 750 × script-failed, exit code 2; 250 × memory-exceeded',
    );
    expect(plain(text)).toContain(`… and ${20_000 - mostFailedShown} more`);
    expect(text.split('\n').length).toBeLessThan(mostFailedShown + 15);
    expect(Buffer.byteLength(text)).toBeLessThan(20_000);
  });
});

describe('the exit code of many', () => {
  it('is theirs where all that failed have the same, else 1', () => {
    expect(sharedExitCode([failedJob(1, { exitCode: 42 }), failedJob(2, { exitCode: 42 })])).toBe(42);
    expect(sharedExitCode([failedJob(1, { exitCode: 42 }), failedJob(2, { exitCode: 2 })])).toBe(1);
    expect(sharedExitCode([failedJob(1, { exitCode: 42 }), failedJob(2, { exitCode: undefined })])).toBe(1);
    expect(sharedExitCode([failedJob(1, { exitCode: 0 })])).toBe(1);
    expect(sharedExitCode([])).toBe(1);
  });
});

describe('words', () => {
  it('keep both ends of what is too long, and columns their width', () => {
    expect(shortened('/lhcb/MC/2018/00012345_00000001_1.dst', 20)).toBe('/lhcb/…0000001_1.dst');
    expect(shortened('short', 20)).toBe('short');
    expect(
      columns([
        ['a', 'b'],
        ['long', 'c'],
      ]),
    ).toEqual(['a     b', 'long  c']);
    expect([span(0), span(59), span(3_599), span(7_500), span(200_000)]).toEqual([
      '0 s',
      '59 s',
      '59 min 59 s',
      '2 h 5 min',
      '2 d 7 h',
    ]);
    expect([size(0), size(999), size(1_500), size(2e12)]).toEqual(['0 B', '999 B', '1.5 kB', '2 TB']);
  });
});

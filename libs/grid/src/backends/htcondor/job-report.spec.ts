import { reportOf } from './job-report.js';

const report = (ad: object): ReturnType<typeof reportOf> => reportOf({ ClusterId: 31, ProcId: 7, ...ad });
const held = (HoldReasonCode: number, HoldReasonSubCode = 0, HoldReason = 'words'): unknown =>
  report({ JobStatus: 5, HoldReasonCode, HoldReasonSubCode, HoldReason });

describe('an ad of HTCondor as a report', () => {
  it.each([
    [1, 'waiting'],
    [2, 'running'],
    [6, 'running'],
    [7, 'suspended'],
  ])('tells JobStatus %i as %s', (JobStatus, state) => {
    expect(report({ JobStatus })).toMatchObject({ batchId: '31.7', state });
  });

  it('tells the exit code, and the signal where there was one', () => {
    const ended = { JobStatus: 4, CompletionDate: 1_700_000_000 };
    expect(report({ ...ended, ExitCode: 3, ExitBySignal: false, ExitStatus: 0 })).toMatchObject({
      state: 'ended',
      exitCode: 3,
      endedAt: new Date(1_700_000_000_000),
    });
    expect(report({ ...ended, ExitBySignal: true, ExitSignal: 9 })).toMatchObject({
      state: 'ended',
      signal: 9,
    });
  });

  it('tells that a job had ended although it was removed afterwards', () => {
    const ad = { JobStatus: 3, CompletionDate: 1_700_000_000, ExitCode: 0, RemoveReason: 'via condor_rm' };
    expect(report(ad)).toMatchObject({ state: 'ended', exitCode: 0 });
  });

  it.each([
    ['via condor_rm (by user grid)', 'cancelled'],
    ['Slipway: evicted from its node after it had begun', 'evicted'],
    ['Slipway: beyond its wall-clock time', 'wall-time-exceeded'],
    ['Slipway: cancelled', 'cancelled'],
    ['the disk of the schedd burnt', 'backend-failed'],
  ])('tells why a job is gone: %s', (RemoveReason, fault) => {
    const told = report({ JobStatus: 3, CompletionDate: 0, RemoveReason });
    expect(told).toMatchObject({ state: 'gone', reason: { fault, words: RemoveReason } });
  });

  it.each([
    [34, 102, 'memory-exceeded'],
    [34, 104, 'disk-exceeded'],
    [46, 0, 'wall-time-exceeded'],
    [6, 2, 'node-failed'],
    [21, 0, 'node-failed'],
    [21, 102, 'memory-exceeded'],
    [21, 104, 'disk-exceeded'],
    [13, 0, 'held'],
    [1, 0, 'held'],
  ])('tells why a job is held: code %i, subcode %i', (code, subcode, fault) => {
    expect(held(code, subcode)).toMatchObject({ state: 'held', reason: { fault, words: 'words' } });
  });

  it('tells a full disk by the words', () => {
    expect(held(12, 28, 'writing to file x: (errno 28) No space left on device')).toMatchObject({
      reason: { fault: 'disk-exceeded' },
    });
  });

  it('takes a job that is sent its files for one that waits', () => {
    expect(held(16)).toMatchObject({ state: 'waiting' });
  });

  it('names the node without its slot', () => {
    expect(report({ JobStatus: 2, RemoteHost: 'slot1_3@wn42.example.org' })?.node).toBe('wn42.example.org');
  });

  it('does not mind expressions that HTCondor could not evaluate, and ads that are none', () => {
    expect(report({ JobStatus: 2, DiskUsage: '/Expr(x)/' })?.usage?.diskBytes).toBeUndefined();
    expect(reportOf({ MyType: 'Machine' })).toBeUndefined();
    expect(reportOf(null)).toBeUndefined();
  });
});

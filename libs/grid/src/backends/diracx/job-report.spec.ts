import type { FoundJob } from './answers.js';
import { reportOf } from './job-report.js';

const job = (changes: Partial<FoundJob>): FoundJob => ({ JobID: 7, Status: 'Waiting', ...changes });

describe('what DiracX says of a job', () => {
  it.each([
    ...['Submitting', 'Received', 'Scouting', 'Checking', 'Staging', 'Waiting', 'Matched', 'Rescheduled'].map(
      (status) => [status, 'waiting'],
    ),
    ...['Running', 'Completing', 'Completed', 'Stalled'].map((status) => [status, 'running']),
    ['Done', 'ended'],
    ['Failed', 'gone'],
    ['Killed', 'gone'],
    ['Deleted', 'gone'],
    ['Of An Extension', 'waiting'],
  ])('%s is %s', (Status, state) => {
    expect(reportOf(job({ Status }))).toMatchObject({ batchId: '7', state });
  });

  it.each([
    ['Exited With Status 3', 3],
    ['/bin/sh Exited With Status 127', 127],
    ['exit code 2', 2],
    ['Application status: 137', 137],
    ['Unknown', 1],
    ['Exited With Status 0', 1],
    ['Exited With Status 999', 1],
    [undefined, 1],
  ])('a script that failed has its exit code in the words %j: %d', (ApplicationStatus, exitCode) => {
    const failed = job({
      Status: 'Failed',
      MinorStatus: 'Application Finished With Errors',
      ApplicationStatus,
    });
    expect(reportOf(failed)).toMatchObject({ state: 'ended', exitCode });
  });

  it.each([
    ['Job stalled: pilot not running', 'node-failed'],
    ['Watchdog identified this job as stalled', 'node-failed'],
    ['Job has exceeded wall clock time', 'wall-time-exceeded'],
    ['Job has reached the CPU limit of the queue', 'wall-time-exceeded'],
    ['Job has insufficient disk space to continue', 'disk-exceeded'],
    ['Received Kill signal', 'cancelled'],
    ['Failed To Download Input Sandbox', 'backend-failed'],
    ['Maximum of reschedulings reached', 'backend-failed'],
    [undefined, 'backend-failed'],
  ])('a job that failed with %j has the fault %s', (MinorStatus, fault) => {
    const { reason } = reportOf(job({ Status: 'Failed', MinorStatus }));
    expect(reason).toMatchObject({
      fault,
      words: expect.stringContaining(MinorStatus ?? 'Failed') as string,
    });
  });

  it('names a site as the node once it is one', () => {
    expect(reportOf(job({ Site: 'ANY' })).node).toBeUndefined();
    expect(reportOf(job({ Site: 'LCG.CERN.ch' })).node).toBe('LCG.CERN.ch');
  });
});

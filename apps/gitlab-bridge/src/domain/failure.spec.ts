import type { JobFault } from '#contracts';
import { endingOf, takenReason } from './failure.js';

const failed = (fault: JobFault, exitCode?: number) =>
  endingOf({ state: 'failed', exitCode, reason: { fault, words: 'x' } }, undefined, []);

describe('the end of a CI job', () => {
  it('has the exit code of the script, and only where the script is at fault', () => {
    expect(failed('script-failed', 7)).toMatchObject({ failureReason: 'script_failure', exitCode: 7 });
    expect(failed('node-failed', 1)).toEqual({
      state: 'failed',
      outcome: 'failed',
      failureReason: 'runner_system_failure',
    });
    expect(failed('wall-time-exceeded', 143)).not.toHaveProperty('exitCode');
    expect(failed('wall-time-exceeded')).toMatchObject({ failureReason: 'job_execution_timeout' });
  });

  it('that was cancelled in GitLab is a failure, as GitLab wants it, even where it had succeeded', () => {
    expect(endingOf({ state: 'succeeded' }, 'cancel', [])).toMatchObject({
      state: 'failed',
      outcome: 'cancelled',
      failureReason: 'unknown_failure',
    });
  });

  it('has a reason that this GitLab takes', () => {
    expect(takenReason('runner_configuration_error', [])).toBe('runner_system_failure');
    expect(takenReason('runner_configuration_error', ['runner_configuration_error'])).toBe(
      'runner_configuration_error',
    );
    expect(takenReason('job_execution_timeout', [])).toBe('job_execution_timeout');
  });
});

import type { JobFault } from '#contracts';
import type { Ending, Stop } from './ci-job.js';
import type { AttemptNews } from './stage-news.js';

/** Those that every GitLab takes. */
const alwaysTaken = ['script_failure', 'runner_system_failure', 'job_execution_timeout'];

/** A failure reason that this GitLab takes: the wanted one, or that the runner is at fault. */
export const takenReason = (wanted: string, taken: readonly string[]): string =>
  alwaysTaken.includes(wanted) || taken.includes(wanted) ? wanted : 'runner_system_failure';

const reasonOf: Readonly<Record<JobFault, string>> = {
  'script-failed': 'script_failure',
  'script-timeout': 'job_execution_timeout',
  'wall-time-exceeded': 'job_execution_timeout',
  'memory-exceeded': 'script_failure',
  'disk-exceeded': 'script_failure',
  'output-missing': 'script_failure',
  'input-missing': 'runner_system_failure',
  'node-failed': 'runner_system_failure',
  stalled: 'runner_system_failure',
  vanished: 'runner_system_failure',
  held: 'runner_system_failure',
  evicted: 'runner_system_failure',
  refused: 'runner_configuration_error',
  'backend-failed': 'runner_system_failure',
  cancelled: 'runner_system_failure',
};

/** GitLab has no reason for a cancellation: its own runner says this one, which every GitLab takes. */
export const cancelledEnding: Ending = {
  state: 'failed',
  outcome: 'cancelled',
  failureReason: 'unknown_failure',
};

/** How a CI job ends whose one grid job ended so. */
export function endingOf(
  { state, reason, exitCode }: Pick<AttemptNews, 'state' | 'reason' | 'exitCode'>,
  stop: Stop | undefined,
  taken: readonly string[],
): Ending {
  if (stop === 'cancel') return cancelledEnding;
  if (state === 'succeeded') return { state: 'success', outcome: 'succeeded', exitCode: 0 };
  const fault = reason?.fault ?? (state === 'failed' ? 'script-failed' : 'vanished');
  const failureReason = takenReason(reasonOf[fault], taken);
  return {
    state: 'failed',
    outcome: state === 'cancelled' ? 'cancelled' : 'failed',
    failureReason,
    ...(fault === 'script-failed' && exitCode !== undefined && exitCode !== 0 && { exitCode }),
  };
}

import type { JobFault } from '#contracts';
import type { BatchReport } from '../../backend.js';
import type { FoundJob } from './answers.js';

/** Statuses that nothing follows, as DIRAC's state machine has them. `Completed` is none: its outputs are on their way. */
export const finalStatuses = ['Done', 'Failed', 'Killed', 'Deleted'] as const;

/** Whether DIRAC says nothing more of a job in this status. */
export const isFinal = (status: string): boolean => finalStatuses.some((final) => final === status);

/** A job of DiracX as a report. */
export function reportOf(job: FoundJob): BatchReport {
  return {
    batchId: String(job.JobID),
    ...stateOf(job),
    // Which machine it was is known to DIRAC's own parameters alone.
    ...(job.Site && job.Site !== 'ANY' && job.Site !== 'Multiple' && { node: job.Site }),
    ...(job.StartExecTime && { startedAt: job.StartExecTime }),
  };
}

type State = Pick<BatchReport, 'state' | 'exitCode' | 'reason' | 'endedAt'>;

function stateOf(job: FoundJob): State {
  const endedAt = job.EndExecTime ?? job.LastUpdateTime ?? undefined;
  switch (job.Status) {
    case 'Submitting':
    case 'Received':
    case 'Scouting':
    case 'Checking':
    case 'Staging':
    case 'Waiting':
    case 'Matched':
    case 'Rescheduled':
      return { state: 'waiting' };
    case 'Running':
    case 'Completing':
    case 'Completed':
      return { state: 'running' };
    case 'Stalled':
      // It may come back; when it does not, DIRAC fails it, and says so.
      return { state: 'running' };
    case 'Done':
      return { state: 'ended', exitCode: 0, endedAt };
    case 'Failed':
      if (isOfScript(job)) return { state: 'ended', exitCode: exitCodeIn(job), endedAt };
      return { state: 'gone', reason: { fault: faultOf(job), words: wordsOf(job) }, endedAt };
    case 'Killed':
    case 'Deleted':
      return { state: 'gone', reason: { fault: 'cancelled', words: wordsOf(job) }, endedAt };
    default:
      // One of an extension of DIRAC's: what it ends in will be known.
      return { state: 'waiting' };
  }
}

/** DIRAC's words for a job that ran to its end with an exit code other than 0. */
const isOfScript = ({ MinorStatus }: FoundJob): boolean =>
  /application finished with errors/i.test(MinorStatus ?? '');

/** DIRAC keeps the exit code in words alone, and not always: then 1 stands for "not 0". */
function exitCodeIn({ ApplicationStatus }: FoundJob): number {
  const [, digits] = /(?:status|code|exited with)\D{0,12}(\d{1,3})\b/i.exec(ApplicationStatus ?? '') ?? [];
  const code = Number(digits);
  return code > 0 && code < 256 ? code : 1;
}

/** By DIRAC's minor statuses; what none of them names is the batch system's fault. */
function faultOf({ MinorStatus }: FoundJob): JobFault {
  const words = MinorStatus ?? '';
  if (/wall ?clock|cpu limit|time left|time limit/i.test(words)) return 'wall-time-exceeded';
  if (/disk space/i.test(words)) return 'disk-exceeded';
  if (/memory/i.test(words)) return 'memory-exceeded';
  if (/stalled|pilot|watchdog|heart ?beat/i.test(words)) return 'node-failed';
  if (/kill|terminat/i.test(words)) return 'cancelled';
  return 'backend-failed';
}

const wordsOf = ({ Status, MinorStatus, ApplicationStatus }: FoundJob): string =>
  [Status, ...[MinorStatus, ApplicationStatus].filter((words) => words && words !== 'Unknown')]
    .join(': ')
    .slice(0, 4_096);

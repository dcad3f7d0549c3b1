import { z } from 'zod';
import type { JobFault } from '#contracts';
import type { BatchReport } from '../../backend.js';
import { removalWords } from './submit-description.js';

/** What is asked of each job; those that a job has not got yet are absent. */
export const reportAttributes = [
  'ClusterId',
  'ProcId',
  'JobStatus',
  'ExitCode',
  'ExitBySignal',
  'ExitSignal',
  'HoldReason',
  'HoldReasonCode',
  'HoldReasonSubCode',
  'RemoveReason',
  'RemoteHost',
  'LastRemoteHost',
  'JobCurrentStartExecutingDate',
  'JobCurrentStartDate',
  'CompletionDate',
  'EnteredCurrentStatus',
  'RemoteUserCpu',
  'RemoteSysCpu',
  'ResidentSetSize',
  'DiskUsage',
] as const;

const number = z.number().optional().catch(undefined);
const text = z.string().optional().catch(undefined);

// An attribute that HTCondor could not evaluate comes as the text of its expression: as good as absent.
const jobAd = z.object({
  ClusterId: z.int(),
  ProcId: z.int(),
  JobStatus: z.int(),
  ExitCode: number,
  ExitBySignal: z.boolean().optional().catch(undefined),
  ExitSignal: number,
  HoldReason: text,
  HoldReasonCode: number,
  HoldReasonSubCode: number,
  RemoveReason: text,
  RemoteHost: text,
  LastRemoteHost: text,
  JobCurrentStartExecutingDate: number,
  JobCurrentStartDate: number,
  CompletionDate: number,
  EnteredCurrentStatus: number,
  RemoteUserCpu: number,
  RemoteSysCpu: number,
  ResidentSetSize: number,
  DiskUsage: number,
});

type JobAd = z.output<typeof jobAd>;

const spoolingCode = 16;

/** A job's ad as a report; undefined for what is no job's ad. */
export function reportOf(ad: unknown): BatchReport | undefined {
  const parsed = jobAd.safeParse(ad);
  if (!parsed.success) return undefined;
  const job = parsed.data;
  const host = job.RemoteHost ?? job.LastRemoteHost;
  return {
    batchId: `${job.ClusterId}.${job.ProcId}`,
    ...stateOf(job),
    node: host?.replace(/^[^@]*@/, ''),
    startedAt: date(job.JobCurrentStartExecutingDate ?? job.JobCurrentStartDate),
    usage: {
      cpuSeconds: (job.RemoteUserCpu ?? 0) + (job.RemoteSysCpu ?? 0),
      ...(job.ResidentSetSize !== undefined && { memoryBytes: job.ResidentSetSize * 1_024 }),
      ...(job.DiskUsage !== undefined && { diskBytes: job.DiskUsage * 1_024 }),
    },
  };
}

type State = Pick<BatchReport, 'state' | 'exitCode' | 'signal' | 'reason' | 'endedAt'>;

function stateOf(job: JobAd): State {
  switch (job.JobStatus) {
    case 1:
      return { state: 'waiting' };
    case 2:
    case 6:
      return { state: 'running' };
    case 7:
      return { state: 'suspended' };
    case 5:
      // It is being sent its files.
      if (job.HoldReasonCode === spoolingCode) return { state: 'waiting' };
      return { state: 'held', reason: { fault: holdFault(job), words: job.HoldReason ?? 'held' } };
    default:
      return endOf(job);
  }
}

/** One that was harvested is removed too: that it had ended comes first. */
function endOf(job: JobAd): State {
  const ended = job.JobStatus === 4 || (job.CompletionDate ?? 0) > 0;
  const endedAt = date(job.CompletionDate) ?? date(job.EnteredCurrentStatus);
  if (ended && job.ExitBySignal === true && job.ExitSignal !== undefined)
    return { state: 'ended', signal: job.ExitSignal, endedAt };
  if (ended && job.ExitCode !== undefined) return { state: 'ended', exitCode: job.ExitCode, endedAt };
  const words = job.RemoveReason ?? job.HoldReason ?? 'HTCondor does not say why';
  return { state: 'gone', reason: { fault: removalFault(words), words }, endedAt };
}

function removalFault(words: string): JobFault {
  if (words.includes(removalWords.evicted)) return 'evicted';
  if (words.includes(removalWords.wallTime)) return 'wall-time-exceeded';
  return /remove[sd]?|condor_rm|cancelled/i.test(words) ? 'cancelled' : 'backend-failed';
}

/** By HTCondor's HoldReasonCode and, where it matters, its subcode. */
function holdFault({
  HoldReasonCode: code,
  HoldReasonSubCode: subcode,
  HoldReason: words = '',
}: JobAd): JobFault {
  switch (code) {
    // The node's own rules (WANT_HOLD, as HTCondor's POLICY macros set it) name what ran out as the starter does.
    case 34:
    case 21:
      if (subcode === 102) return 'memory-exceeded';
      if (subcode === 104) return 'disk-exceeded';
      return code === 21 ? 'node-failed' : 'held';
    case 46:
    case 47:
      return 'wall-time-exceeded';
    case 12:
    case 13:
      // The files are ours and always there: it is the way between the machines, or a full disk at one end of it.
      return /no space|disk quota|errno 28/i.test(words) ? 'disk-exceeded' : 'held';
    case 6:
      return 'node-failed';
    default:
      return 'held';
  }
}

function date(seconds: number | undefined): Date | undefined {
  return seconds === undefined || seconds <= 0 ? undefined : new Date(seconds * 1_000);
}

import type { JobFault } from '#contracts';
import type { BatchReport } from '../../backend.js';
import type { SlurmJob } from './slurm-job.js';

type Judged = Pick<BatchReport, 'state' | 'exitCode' | 'signal' | 'reason'>;

/** States that are an end by the batch system's hand, and whose fault they are. */
const givenUpStates: Readonly<Record<string, JobFault>> = {
  BOOT_FAIL: 'node-failed',
  CANCELLED: 'cancelled',
  DEADLINE: 'backend-failed',
  LAUNCH_FAILED: 'node-failed',
  NODE_FAIL: 'node-failed',
  OUT_OF_MEMORY: 'memory-exceeded',
  PREEMPTED: 'evicted',
  RECONFIG_FAIL: 'node-failed',
  REVOKED: 'evicted',
  TIMEOUT: 'wall-time-exceeded',
};

/** Reasons for which a FAILED job is not its script's fault. */
const failedBy: readonly (readonly [RegExp, JobFault])[] = [
  [/^BadConstraints$/, 'refused'],
  [/^(?:JobLaunchFailure|Prolog|launch failed)/i, 'node-failed'],
  [/^(?:SystemFailure|InactiveLimit)$/, 'backend-failed'],
  [/^TimeLimit$/, 'wall-time-exceeded'],
  [/^OutOfMemory$/i, 'memory-exceeded'],
  [/^NodeDown$/, 'node-failed'],
];

/** Slurm's own sign that it could not even begin: no way to the directory or to the output file. */
const couldNotBegin = 53;

/** All that is said of a job that took too much memory where no control groups watch over it (OverMemoryKill). */
export const sigkill = 9;

/** Reasons for which a job would wait for ever unless a person does something. */
const held =
  /^(?:JobHeld(?:User|Admin)|BadConstraints|DependencyNeverSatisfied|InvalidAccount|InvalidQOS|launch failed requeued held)$/i;

/** Flags that mean that a job is not over, whatever its base state says already. */
const notOver = new Set(['COMPLETING', 'STAGE_OUT', 'SIGNALING', 'STOPPED', 'EXPEDITING']);

const runningStates = new Set([
  'RUNNING',
  'CONFIGURING',
  'POWER_UP_NODE',
  'RESIZING',
  'COMPLETING',
  'STAGE_OUT',
]);

/** What a job's state in Slurm means. What we never heard of counts as waiting: a wrong end could not be taken back. */
export function judge(job: Pick<SlurmJob, 'states' | 'reason' | 'exitCode' | 'signal' | 'memory'>): Judged {
  const { states, reason } = job;
  const is = (...names: readonly string[]): boolean => names.some((name) => states.includes(name));
  const words = [states.join('+'), reason].filter((part) => part !== '' && part !== 'None').join(': ');
  if (is('SUSPENDED', 'STOPPED')) return { state: 'suspended' };
  if (states.some((state) => notOver.has(state))) return { state: 'running' };
  if (is('REQUEUE_HOLD', 'SPECIAL_EXIT') || (is('PENDING') && held.test(reason)))
    return { state: 'held', reason: { fault: 'held', words } };
  if (is('COMPLETED')) return { state: 'ended', exitCode: 0 };
  const givenUp = states.map((state) => givenUpStates[state]).find((fault) => fault !== undefined);
  if (givenUp !== undefined) return { state: 'gone', reason: { fault: givenUp, words } };
  if (is('FAILED')) return failed(job, words);
  return { state: states.some((state) => runningStates.has(state)) ? 'running' : 'waiting' };
}

function failed(
  { reason, exitCode, signal, memory }: Pick<SlurmJob, 'reason' | 'exitCode' | 'signal' | 'memory'>,
  words: string,
): Judged {
  if (signal === sigkill && memory !== undefined && memory.most > memory.asked) {
    const took = `killed when it took ${memory.most} bytes of memory and had asked for ${memory.asked}`;
    return { state: 'gone', reason: { fault: 'memory-exceeded', words: `${words}: ${took}` } };
  }
  const fault =
    signal === couldNotBegin ? 'backend-failed' : failedBy.find(([pattern]) => pattern.test(reason))?.[1];
  if (fault !== undefined) return { state: 'gone', reason: { fault, words } };
  if (signal > 0) return { state: 'ended', signal };
  if (exitCode > 0) return { state: 'ended', exitCode };
  return { state: 'gone', reason: { fault: 'backend-failed', words } };
}

/** What is said of one job. */
export function reportOf(batchId: string, job: SlurmJob): BatchReport {
  const judged = judge(job);
  const over = judged.state === 'ended' || judged.state === 'gone';
  const began = judged.state !== 'waiting' && judged.state !== 'held';
  return {
    batchId,
    ...judged,
    ...(job.nodes !== '' && { node: job.nodes }),
    ...(began && job.startedAt !== undefined && { startedAt: job.startedAt }),
    ...(over && job.endedAt !== undefined && { endedAt: job.endedAt }),
  };
}

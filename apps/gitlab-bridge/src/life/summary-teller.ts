import type { GridJob } from '#api';
import { type FailedJob, sharedExitCode, summaryOf } from '../domain/fan-out/index.js';
import type { Ending } from '../domain/ci-job.js';
import { takenReason } from '../domain/failure.js';
import type { Stage } from '../domain/stage-news.js';
import type { CurrentLife } from './current-life.js';
import { jobPageOf, pageOf } from './pages.js';

/** How many that failed are looked at: enough to tell what they have in common. */
const mostLookedAt = 1_000;

const bad = ['failed', 'lost', 'cancelled'] as const;

/** Tells at the end of a fan-out what it came to. @returns those that did not succeed, maybe not all of them */
export async function tellSummary(
  life: CurrentLife,
  { groupId, jobs }: Stage,
): Promise<readonly FailedJob[]> {
  const { parts, record, trace } = life;
  const group = await parts.monitor.groupInFull(groupId);
  if (!group || group.state === 'refused') return [];
  const failed: GridJob[] = [];
  for (const state of bad) {
    if ((group.states[state] ?? 0) === 0) continue;
    failed.push(...(await parts.monitor.jobs({ group: groupId, state }, mostLookedAt)));
  }
  const told = failed
    .sort((one, two) => one.index - two.index)
    .map((job) => failedJob(job, parts.config.consoleUrl));
  const { cpuSeconds, outputBytes, logLines } = group.totals;
  const summary = summaryOf({
    jobs,
    states: group.states,
    since: record.receivedAt,
    at: group.finishedAt === undefined ? new Date() : new Date(group.finishedAt),
    failed: told,
    cpuSeconds,
    outputBytes,
    logLines,
    url: pageOf(parts.config.consoleUrl, groupId),
  });
  await trace.own(summary);
  return told;
}

/** The end of a CI job of which more failed than may. */
export function endOfMany(failed: readonly FailedJob[], taken: readonly string[]): Ending {
  const isOwn = ({ fault = 'script-failed' }: FailedJob): boolean => !notTheirs.includes(fault);
  const failureReason =
    failed.length === 0 || failed.some(isOwn) ? 'script_failure' : 'runner_system_failure';
  return {
    state: 'failed',
    outcome: 'failed',
    failureReason: takenReason(failureReason, taken),
    ...(failureReason === 'script_failure' && { exitCode: sharedExitCode(failed) }),
  };
}

/** Faults of nodes and batch systems. */
const notTheirs: readonly string[] = [
  'node-failed',
  'stalled',
  'vanished',
  'held',
  'evicted',
  'refused',
  'backend-failed',
];

function failedJob(job: GridJob, consoleUrl: string | undefined): FailedJob {
  const state = bad.find((one) => one === job.state) ?? 'failed';
  const { key, reason, exitCode, signal, node, attempt } = job;
  return {
    key,
    state,
    fault: reason?.fault,
    words: reason?.words,
    exitCode,
    signal,
    node,
    attempts: attempt,
    url: jobPageOf(consoleUrl, job.id),
  };
}

import type { AttemptState } from '#contracts';
import { endingOf, takenReason } from '../domain/failure.js';
import type { AttemptNews, Stage } from '../domain/stage-news.js';
import { askLedger, isSettled } from './ask-ledger.js';
import type { CurrentLife } from './current-life.js';
import { LogReader } from './log-reader.js';

/** Nothing was heard for so long: what was said may have been lost, so it is asked for. In milliseconds. */
export const quietMs = 30_000;
/** How often it is said that a job still waits. */
const waitingMs = 60_000;
const notBegun: ReadonlySet<AttemptState> = new Set(['queued', 'submitted', 'waiting']);
/** How long `after_script` and what follows it may take after a cancellation. */
export const graceSeconds = 360;

/** Why the grid's jobs are to end when somebody cancels the CI job: the ledger tells it as their reason. */
export const cancelled = { fault: 'cancelled', words: 'cancelled in GitLab' } as const;

/** Follows the one grid job that a CI job became, until it is over. */
export async function work(life: CurrentLife): Promise<void> {
  const { record, parts, signal } = life;
  const reader = new LogReader(life);
  let askedAt = Date.now();
  let waitingSaidAt = 0;
  while (!signal.aborted && record.stop !== 'stop') {
    await obeyCancel(life);
    const stage = (await parts.stages.of(record.id)).find(({ name }) => name === 'work');
    if (!stage) throw new Error('a job that is worked at has no stage');
    if (stage.news.refused) return refused(life, stage.news.refused.reason);
    await reader.read(stage);
    if (await isSettled(life, stage)) return ended(life, stage.news.attempt);
    const { attempt } = stage.news;
    if ((!attempt || notBegun.has(attempt.state)) && Date.now() - waitingSaidAt >= waitingMs) {
      waitingSaidAt = Date.now();
      await life.trace.renewed(waitingWords(life, stage));
    }
    if (Date.now() - askedAt >= quietMs) {
      askedAt = Date.now();
      await reader.readAnyway(stage);
      await askLedger(life, stage);
    }
    await life.wakeUp.wait(quietMs, signal);
  }
}

async function obeyCancel({ record, parts, held, trace }: CurrentLife): Promise<void> {
  if (record.stop !== 'cancel' || record.isCancelAsked) return;
  await trace.notice(
    'warning',
    'WARNING: cancelled in GitLab; where the script began, after_script runs and artifacts are taken as after a failure',
  );
  await parts.jobs.cancel(held, record, { reason: cancelled, requestedBy: 'gitlab', graceSeconds });
  record.isCancelAsked = true;
  parts.said();
}

async function refused(life: CurrentLife, words: string): Promise<void> {
  await life.trace.notice('bad', `ERROR: ${words}`);
  const failureReason = takenReason('runner_configuration_error', life.takenReasons);
  await life.ended({ state: 'failed', outcome: 'refused', failureReason }, 'finishing');
}

async function ended(life: CurrentLife, attempt: AttemptNews | undefined): Promise<void> {
  if (!attempt) throw new Error('a job that is over had no attempt');
  const { record, takenReasons, plan } = life;
  const ending = endingOf(attempt, record.stop, takenReasons);
  const { reason } = attempt;
  const isOwn = reason === undefined || reason.fault === 'script-failed' || reason.fault === 'cancelled';
  if (attempt.state !== 'succeeded' && !isOwn)
    await life.trace.notice('bad', `ERROR: ${reason.fault}: ${reason.words}`);
  await life.ended(ending, plan.artifacts.length > 0 ? 'delivering' : 'finishing');
}

function waitingWords({ record }: CurrentLife, { news }: Stage): string {
  const minutes = Math.floor((Date.now() - record.receivedAt.getTime()) / 60_000);
  const { backend = news.attempt?.backend, identity } = news;
  const where =
    backend === undefined ? '' : ` on ${backend}${identity === undefined ? '' : ` as ${identity}`}`;
  const id = news.attempt?.batchId;
  return `Waiting for a place${where}${id === undefined ? '' : ` (${id})`}: ${minutes} min`;
}

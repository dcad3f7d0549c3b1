import { attemptProgress, type AttemptState, type JobFault } from '#contracts';
import type { BatchReport } from '#grid';
import { unheardEnd } from './attempt-state.js';
import type { BatchEnd, CancelWish } from './attempt.js';
import type { Report } from './report.js';

/** What a poll has to know of an attempt that the batch system has. */
export interface OpenAttempt {
  readonly id: string;
  readonly batchId: string | undefined;
  readonly state: AttemptState;
  readonly stateAt: Date;
  readonly node: string | undefined;
  /** The last sign of life from the job itself. */
  readonly aliveAt: Date | undefined;
  readonly cancel: CancelWish | undefined;
  readonly batchEnd: BatchEnd | undefined;
}

/** How long what may take, in milliseconds. */
export interface Patience {
  readonly stallMs: number;
  readonly graceMs: number;
  readonly cancelMs: number;
  readonly vanishMs: number;
}

/** What besides the batch system's words decides what is reported. */
export interface Circumstances extends Patience {
  readonly now: Date;
  /** How the backend's jobs speak: those that cannot speak to us give no sign of life. */
  readonly transfer: 'http' | 'backend';
  /** How many polls in a row did not show it. */
  readonly missed: number;
}

/** Polls that have to miss an attempt before it counts as vanished: batch systems show new jobs late. */
const missesOfTheVanished = 3;

/** A hundred thousand attempts are looked at in every poll, and there is nothing new of nearly all. */
const nothing: readonly Report[] = [];

/** What is to be reported of an attempt, given what the batch system says of it; nothing where nothing is new. */
export function judge(
  attempt: OpenAttempt,
  heard: BatchReport | undefined,
  circumstances: Circumstances,
): readonly Report[] {
  const late = overdue(attempt, circumstances);
  if (late) return [late];
  const told = heard ? news(attempt, heard, circumstances.now) : vanished(attempt, circumstances);
  const said = told ?? stall(attempt, circumstances);
  return said ? [said] : nothing;
}

/** What had its time. */
function overdue(
  { batchEnd, cancel }: OpenAttempt,
  { now, graceMs, cancelMs }: Circumstances,
): Report | undefined {
  const isOver = batchEnd && now.getTime() >= batchEnd.heardAt.getTime() + graceMs;
  const { at: since, graceSeconds = 0 } = cancel ?? {};
  const isIgnored = since && now.getTime() >= since.getTime() + graceSeconds * 1_000 + cancelMs;
  if (!isOver && !isIgnored) return undefined;
  return unheardEnd({ state: 'running', stateAt: now, batchEnd, cancel }, now);
}

/** What the batch system says that the ledger does not know yet. */
function news(attempt: OpenAttempt, heard: BatchReport, now: Date): Report | undefined {
  const { batchId, node, startedAt, endedAt, usage, exitCode, signal, reason } = heard;
  if (heard.state === 'held')
    return wish(attempt, reason?.fault ?? 'held', reason?.words ?? 'held by the batch system', now);
  if (heard.state === 'ended' || heard.state === 'gone') {
    if (attempt.batchEnd) return undefined;
    const facts = { batchId, node, startedAt, endedAt, usage, exitCode, signal };
    const cause = reason ?? (heard.state === 'gone' ? removed : undefined);
    return { from: 'backend', state: 'ended', at: now, reason: cause, facts };
  }
  const state = heard.state === 'waiting' ? 'waiting' : 'running';
  const isFurther = attemptProgress[state] > attemptProgress[attempt.state];
  if (!isFurther && (node === undefined || attempt.node !== undefined)) return undefined;
  const at = state === 'running' && startedAt ? startedAt : now;
  return { from: 'backend', state, at, facts: { batchId, node, startedAt } };
}

const removed = { fault: 'evicted', words: 'the batch system removed it' } as const;

/** Unknown to the batch system for long enough, and silent itself. */
function vanished(
  { stateAt, aliveAt, batchEnd }: OpenAttempt,
  { now, missed, vanishMs }: Circumstances,
): Report | undefined {
  const last = Math.max(stateAt.getTime(), aliveAt?.getTime() ?? 0);
  if (batchEnd || missed < missesOfTheVanished || now.getTime() < last + vanishMs) return undefined;
  const words = `the batch system does not know it: ${missed} polls in a row did not show it`;
  return { from: 'monitor', state: 'lost', at: now, reason: { fault: 'vanished', words } };
}

/** A batch system that says running is no sign of life of a job that should give its own. */
function stall(attempt: OpenAttempt, { now, transfer, stallMs }: Circumstances): Report | undefined {
  if (transfer !== 'http' || attempt.state !== 'running' || attempt.batchEnd) return undefined;
  const last = Math.max(attempt.stateAt.getTime(), attempt.aliveAt?.getTime() ?? 0);
  if (now.getTime() < last + stallMs) return undefined;
  return wish(attempt, 'stalled', `no sign of life since ${new Date(last).toISOString()}`, now);
}

const wish = ({ cancel }: OpenAttempt, fault: JobFault, words: string, at: Date): Report | undefined =>
  cancel ? undefined : { from: 'monitor', state: 'cancelling', at, reason: { fault, words } };

import { attemptProgress, type AttemptState, type EndState, hasEnded, type JobFault } from '#contracts';
import type { AttemptRecord } from './attempt.js';
import type { Facts, Reason, Report, Reporter } from './report.js';

/**
 * What a report does. `step`: on towards the end, never back. `end`: it is over. `wait`: it will be over unless the job
 * itself says better in time. `wish`: it is to end.
 */
type Effect = 'step' | 'end' | 'wait' | 'wish';

type Said = NonNullable<Report['state']>;

/** Whose word does what. What is not in the table has no effect on the state: who says it cannot know. */
export const effects: Readonly<Record<Reporter, Readonly<Partial<Record<Said, Effect>>>>> = {
  worker: { running: 'step', succeeded: 'end', failed: 'end', cancelled: 'end' },
  // Its end is a guess at what the job did: the job's own word counts for more.
  backend: { waiting: 'step', running: 'step', ended: 'wait' },
  submitter: { submitted: 'step', cancelling: 'wish', failed: 'end', cancelled: 'end' },
  monitor: { cancelling: 'wish', failed: 'end', cancelled: 'end', lost: 'end' },
};

/** What whoever is asked to end dies of: no fault of its own. */
const endedByWish: ReadonlySet<JobFault | undefined> = new Set([
  undefined,
  'cancelled',
  'evicted',
  'node-failed',
  'backend-failed',
  'vanished',
  'stalled',
  'held',
]);

/** The state that a fault ends in. */
export const endOf = (fault: JobFault): EndState =>
  fault === 'cancelled' ? 'cancelled' : fault === 'vanished' || fault === 'stalled' ? 'lost' : 'failed';

/** What an attempt is after a report; the same object where the report says nothing new. */
export function after<A extends AttemptRecord>(attempt: A, report: Report): A {
  const known = withFacts(attempt, report);
  const effect = report.state && effects[report.from][report.state];
  if (effect === 'wish') return withWish(known, report);
  if (effect === 'wait') return withBatchEnd(known, report);
  if (hasEnded(attempt.state)) return known;
  if (effect === 'end') return ended(known, report);
  const to = effect === 'step' ? (report.state as AttemptState) : attempt.state;
  return attemptProgress[to] > attemptProgress[known.state]
    ? { ...known, state: to, stateAt: report.at }
    : known;
}

/** How an attempt ends of which the job said nothing in time: by what the batch system said, or what was wished. */
export function unheardEnd({ cancel, batchEnd }: AttemptRecord, at: Date): Report {
  const { fault, words } = batchEnd?.reason ?? cancel ?? silentEnd(batchEnd);
  const facts = { endedAt: batchEnd?.at };
  return { from: 'monitor', state: endOf(fault), at, reason: { fault, words }, facts };
}

/** The exit code is that of what ran the script, so it is told in words alone. */
function silentEnd(batchEnd: AttemptRecord['batchEnd']): Reason {
  const { exitCode, signal } = batchEnd ?? {};
  // Some batch systems say no more of a job that took too much memory.
  const hint = signal === 9 ? ', as what takes too much memory may be' : '';
  const how = signal !== undefined ? `by signal ${signal}${hint}` : `with exit code ${exitCode ?? 'unknown'}`;
  const words = `the batch system says that it ended ${how}; the job itself did not say how it went`;
  return { fault: 'backend-failed', words };
}

function ended<A extends AttemptRecord>(attempt: A, report: Report): A {
  const { exitCode, signal, endedAt = report.at } = report.facts ?? {};
  const { state, reason } = outcome(attempt, report);
  return { ...attempt, state, stateAt: report.at, reason, exitCode, signal, endedAt };
}

function outcome(
  { cancel }: AttemptRecord,
  report: Report,
): { readonly state: EndState; readonly reason: Reason | undefined } {
  if (report.state === 'succeeded') return { state: 'succeeded', reason: undefined };
  const { reason } = report;
  const isWished = endedByWish.has(reason?.fault) || report.facts?.signal !== undefined;
  if (cancel && isWished)
    return { state: endOf(cancel.fault), reason: { fault: cancel.fault, words: cancel.words } };
  return { state: reason ? endOf(reason.fault) : (report.state as EndState), reason };
}

/** The first wish counts, except that what somebody does not want any more is not tried again. */
function withWish<A extends AttemptRecord>(attempt: A, { reason, at, graceSeconds }: Report): A {
  const { cancel } = attempt;
  if (!reason || (cancel && (cancel.fault === 'cancelled' || reason.fault !== 'cancelled'))) return attempt;
  return { ...attempt, cancel: { ...reason, at, ...(graceSeconds !== undefined && { graceSeconds }) } };
}

function withBatchEnd<A extends AttemptRecord>(attempt: A, { reason, at, facts }: Report): A {
  if (attempt.batchEnd) return attempt;
  const { exitCode, signal, endedAt = at } = facts ?? {};
  return { ...attempt, batchEnd: { at: endedAt, heardAt: at, reason, exitCode, signal } };
}

/** What only one side tells, and what the job itself knows better than the batch system. */
function withFacts<A extends AttemptRecord>(attempt: A, { from, facts }: Report): A {
  if (!facts) return attempt;
  const own = from === 'worker';
  const pick = <K extends keyof Facts & keyof AttemptRecord>(key: K): AttemptRecord[K] => {
    const [told, known] = [facts[key], attempt[key]] as [AttemptRecord[K], AttemptRecord[K]];
    return own ? (told ?? known) : (known ?? told);
  };
  const picked = {
    batchId: attempt.batchId ?? facts.batchId,
    node: pick('node'),
    startedAt: pick('startedAt'),
    usage: own ? joined(attempt.usage, facts.usage) : joined(facts.usage, attempt.usage),
  };
  const isNew = (Object.keys(picked) as (keyof typeof picked)[]).some(
    (key) => !same(picked[key], attempt[key]),
  );
  return isNew ? { ...attempt, ...picked } : attempt;
}

/** The batch system counts what the job took, the job what it was given. */
const joined = (less: Facts['usage'], more: Facts['usage']): Facts['usage'] =>
  less && more ? { ...less, ...more } : (more ?? less);

const same = (a: unknown, b: unknown): boolean =>
  a === b ||
  (a instanceof Date && b instanceof Date
    ? a.getTime() === b.getTime()
    : typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));

import { hasEnded, jobCancel, type Message } from '#contracts';
import { addAllToOutbox, type OutboxEntry } from '#database';
import type { EntityManager } from 'typeorm';
import type { Attempt } from '../domain/attempt.js';
import { after } from '../domain/attempt-state.js';
import type { Reason, Report } from '../domain/report.js';
import { lockAttempts, writeAttempts } from '../storage/attempt-rows.js';
import { type AttemptEvent, insertEvents, markChanged, park } from '../storage/report-rows.js';
import { eventFor, factsOf } from './happenings.js';
import { retryEnded } from './retries.js';

/** A report on one attempt. */
export interface AttemptReport {
  readonly attemptId: string;
  readonly report: Report;
  /** W3C trace of what caused it. */
  readonly traceparent?: string | undefined;
  /** Of the wrapper that begins the attempt: only the one that it is bound to, or the first one, has a say. */
  readonly session?: string | undefined;
}

interface Changes {
  readonly attempts: Map<string, Attempt>;
  readonly changed: Set<string>;
  readonly events: AttemptEvent[];
  readonly outbox: OutboxEntry<Message>[];
}

/**
 * Writes what reports change, and says it by the outbox, in the running transaction. What is said of attempts that the
 * ledger does not know yet is kept until it does.
 *
 * @returns for each report the attempt as it is now; undefined where it is not known
 */
export async function applyReports(
  manager: EntityManager,
  reports: readonly AttemptReport[],
): Promise<readonly (Attempt | undefined)[]> {
  const attempts = await lockAttempts(
    manager,
    reports.map(({ attemptId }) => attemptId),
  );
  const changes: Changes = { attempts, changed: new Set(), events: [], outbox: [] };
  const before = new Map(attempts);
  for (const each of reports) apply(changes, each);
  await park(
    manager,
    reports.filter(({ attemptId }) => !attempts.has(attemptId)),
  );
  await write(manager, changes, before);
  return reports.map(({ attemptId }) => attempts.get(attemptId));
}

function apply(changes: Changes, { attemptId, report: told, traceparent, session }: AttemptReport): void {
  const attempt = changes.attempts.get(attemptId);
  if (!attempt || (session !== undefined && (attempt.session ?? session) !== session)) return;
  const report = cleaned(told);
  const isBound = session === undefined || attempt.session === session;
  const next = after(isBound ? attempt : { ...attempt, session }, report);
  if (next === attempt) return;
  changes.attempts.set(attemptId, next);
  changes.changed.add(attemptId);
  const { id, madeAt } = next;
  const event = { attemptId: id, madeAt, saidBy: report.from, at: report.at, reason: report.reason };
  if (next.state !== attempt.state) {
    changes.events.push({ ...event, state: next.state, reason: next.reason });
    const message = eventFor(next.state);
    if (message) changes.outbox.push({ message, payload: factsOf(next), traceparent });
  } else if (next.batchEnd !== attempt.batchEnd) changes.events.push({ ...event, state: 'ended' });
  if (next.cancel !== attempt.cancel) {
    changes.events.push({ ...event, state: 'cancelling' });
    // What does not run yet has no end to take time for.
    const isVain =
      next.cancel?.graceSeconds !== undefined && next.state !== 'running' && !hasEnded(next.state);
    if ((report.from === 'monitor' || isVain) && next.cancel)
      changes.outbox.push(cancelOf(next, next.cancel, next.number));
    // Somebody's wish met an attempt that was over: its successor is not wanted either.
    if (!next.isLatest && next.cancel?.fault === 'cancelled')
      changes.outbox.push(cancelOf(next, next.cancel));
  }
}

async function write(
  manager: EntityManager,
  { attempts, changed, events, outbox }: Changes,
  before: ReadonlyMap<string, Attempt>,
): Promise<void> {
  if (changed.size === 0) return;
  const written = [...changed].flatMap((id) => attempts.get(id) ?? []);
  const ended = written.filter(({ id, state }) => hasEnded(state) && before.get(id)?.state !== state);
  const retries = await retryEnded(manager, ended);
  for (const { id } of retries.superseded) {
    const attempt = attempts.get(id);
    if (attempt) attempts.set(id, { ...attempt, isLatest: false });
  }
  await writeAttempts(
    manager,
    [...changed].flatMap((id) => attempts.get(id) ?? []),
  );
  await insertEvents(manager, events);
  const moved = written.filter(({ id, state }) => before.get(id)?.state !== state);
  await markChanged(
    manager,
    moved.map(({ groupId }) => groupId),
  );
  await addAllToOutbox(manager, [...outbox, ...retries.outbox]);
}

/** Asks the submitter to end an attempt, or whichever is the latest of its job. */
const cancelOf = (
  { groupId, index }: Attempt,
  { fault, words }: Reason,
  attempt?: number,
): OutboxEntry<Message> => ({
  message: jobCancel,
  payload: { groupId, indexes: [index], attempt, reason: { fault, words }, requestedBy: 'status-monitor' },
});

/** As the database and the messages can take it: PostgreSQL keeps no NUL, and words of others have no end. */
function cleaned(report: Report): Report {
  const { reason, facts } = report;
  return {
    ...report,
    reason: reason && { fault: reason.fault, words: text(reason.words, 4_096) },
    facts: facts && {
      ...facts,
      batchId: facts.batchId === undefined ? undefined : text(facts.batchId, 255),
      node: facts.node === undefined ? undefined : text(facts.node, 255),
    },
  };
}

const text = (value: string, most: number): string => value.replaceAll('\0', '').slice(0, most);

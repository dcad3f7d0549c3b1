import { jobRetried, jobRetry, type JobTemplate, type Message } from '#contracts';
import type { OutboxEntry } from '#database';
import { attemptIdOf } from '#grid';
import type { EntityManager } from 'typeorm';
import type { Attempt } from '../domain/attempt.js';
import type { Reason } from '../domain/report.js';
import { retryAt } from '../domain/retry.js';
import { insertAttempts, type NewAttempt } from '../storage/attempt-rows.js';
import { fieldsOf } from './happenings.js';

/** What follows from attempts that ended. */
export interface Retries {
  /** Attempts that a further one follows. */
  readonly superseded: readonly Attempt[];
  readonly outbox: readonly OutboxEntry<Message>[];
}

/** Writes down the next attempts of jobs whose policy says so, and what is to be said of them. */
export async function retryEnded(manager: EntityManager, ended: readonly Attempt[]): Promise<Retries> {
  const candidates = ended.filter(({ isLatest, reason }) => isLatest && reason !== undefined);
  if (candidates.length === 0) return { superseded: [], outbox: [] };
  const policies = await retriesOf(manager, [...new Set(candidates.map(({ groupId }) => groupId))]);
  const now = new Date();
  const following = candidates.flatMap((attempt) => {
    const policy = policies.get(attempt.groupId);
    const notBefore = policy && retryAt(policy, attempt, now);
    return notBefore && attempt.reason ? [{ attempt, because: attempt.reason, notBefore }] : [];
  });
  return follow(manager, following, now);
}

/** One attempt that is to be followed by a further one. */
export interface Following {
  readonly attempt: Attempt;
  readonly because: Reason;
  readonly notBefore: Date;
}

/** Writes down an attempt after each of these, and what is to be said of it. */
export async function follow(
  manager: EntityManager,
  following: readonly Following[],
  now: Date,
): Promise<Retries> {
  const next = following.map(({ attempt, notBefore }) => nextOf(attempt, notBefore, now));
  await insertAttempts(manager, next);
  const outbox = following.flatMap(({ because, notBefore }, at): OutboxEntry<Message>[] => {
    const attempt = next[at];
    if (!attempt) return [];
    const said = { ...fieldsOf(attempt), because, notBefore: notBefore.toISOString() };
    return [
      { message: jobRetry, payload: said },
      { message: jobRetried, payload: { ...said, at: now.toISOString() } },
    ];
  });
  return { superseded: following.map(({ attempt }) => attempt), outbox };
}

const nextOf = (attempt: Attempt, notBefore: Date, queuedAt: Date): NewAttempt => ({
  id: attemptIdOf(attempt.jobId, attempt.number + 1),
  madeAt: attempt.madeAt,
  groupId: attempt.groupId,
  jobId: attempt.jobId,
  index: attempt.index,
  number: attempt.number + 1,
  project: attempt.project,
  backend: attempt.backend,
  queuedAt,
  notBefore,
});

async function retriesOf(
  manager: EntityManager,
  groups: readonly string[],
): Promise<ReadonlyMap<string, JobTemplate['retries']>> {
  const rows = await manager.query<{ id: string; retries: JobTemplate['retries'] }[]>(
    `select id, template->'retries' as retries from job_group where id = any($1::uuid[])`,
    [groups],
  );
  return new Map(rows.map(({ id, retries }) => [id, retries]));
}

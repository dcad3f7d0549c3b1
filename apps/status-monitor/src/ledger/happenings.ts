import {
  type AttemptState,
  type InputOf,
  jobCancelled,
  jobFailed,
  jobLost,
  jobRunning,
  jobSucceeded,
  jobWaiting,
} from '#contracts';
import type { Attempt } from '../domain/attempt.js';

const eventOf = {
  waiting: jobWaiting,
  running: jobRunning,
  succeeded: jobSucceeded,
  failed: jobFailed,
  cancelled: jobCancelled,
  lost: jobLost,
} as const satisfies Partial<Record<AttemptState, unknown>>;

/** The event that says that an attempt is in a state; undefined for those that the submitter says. */
export const eventFor = (state: AttemptState): (typeof eventOf)[keyof typeof eventOf] | undefined =>
  state in eventOf ? eventOf[state as keyof typeof eventOf] : undefined;

/** Which attempt it is, as every message says it. */
export const fieldsOf = ({
  groupId,
  jobId,
  id,
  index,
  number,
  project,
  backend,
}: Pick<Attempt, 'groupId' | 'jobId' | 'id' | 'index' | 'number' | 'project' | 'backend'>) => ({
  groupId,
  jobId,
  attemptId: id,
  index,
  attempt: number,
  project,
  backend,
});

/** What an event says of an attempt as it is now. */
export const factsOf = (attempt: Attempt): InputOf<typeof jobRunning> => ({
  ...fieldsOf(attempt),
  at: attempt.stateAt.toISOString(),
  batchId: attempt.batchId,
  node: attempt.node,
  reason: attempt.reason,
  exitCode: attempt.exitCode,
  signal: attempt.signal,
  startedAt: attempt.startedAt?.toISOString(),
  endedAt: attempt.endedAt?.toISOString(),
});

import type { groupFinished, groupProgressed, groupQueued, groupRefused, PayloadOf } from '#contracts';
import type { CommitState, StatusWord } from './commit-status.js';

const outcomes = {
  succeeded: 'success',
  failed: 'failed',
  cancelled: 'canceled',
} as const satisfies Record<PayloadOf<typeof groupFinished>['outcome'], CommitState>;

const jobs = (count: number): string => `${count} ${count === 1 ? 'job' : 'jobs'}`;

/** What a group's events mean for the commit that it works on. */
export const wordOf = {
  queued: ({ groupId, items, requestedAt }: PayloadOf<typeof groupQueued>): StatusWord =>
    word(groupId, 'pending', requestedAt, `${jobs(items.length)} in the queue`),

  refused: ({ groupId, reason, at }: PayloadOf<typeof groupRefused>): StatusWord =>
    word(groupId, 'failed', at, `refused: ${reason}`),

  /** Undefined where nothing has begun, or all has ended: the group says that itself. */
  progressed: ({
    groupId,
    states,
    jobs: all,
    at,
  }: PayloadOf<typeof groupProgressed>): StatusWord | undefined => {
    const { succeeded = 0, failed = 0, cancelled = 0, lost = 0, running = 0 } = states;
    const ended = succeeded + failed + cancelled + lost;
    if (ended === all || running + ended === 0) return undefined;
    return word(groupId, 'running', at, `${jobs(all)} at work`);
  },

  finished: ({ groupId, states, jobs: all, outcome, at }: PayloadOf<typeof groupFinished>): StatusWord => {
    const { succeeded = 0 } = states;
    return word(groupId, outcomes[outcome], at, `${succeeded} of ${jobs(all)} succeeded`);
  },
};

const word = (groupId: string, state: CommitState, at: string, description: string): StatusWord => ({
  workId: groupId,
  groupId,
  state,
  at: new Date(at),
  description,
});

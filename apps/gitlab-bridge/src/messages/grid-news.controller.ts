import { Consume, policy } from '#bus';
import {
  type AttemptState,
  groupFinished,
  groupProgressed,
  groupQueued,
  groupRefused,
  jobCancelled,
  jobFailed,
  jobLog,
  jobLost,
  jobRefused,
  jobRetried,
  jobRunning,
  jobSubmitted,
  jobSucceeded,
  jobWaiting,
  jobWithdrawn,
  type PayloadOf,
  queues,
} from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import type { GridNews } from '../news/grid-news.js';
import { GRID_NEWS } from '../tokens.js';

// Many at once, for they are noted together; and most are of groups that are nobody's CI job.
const following = policy({ prefetch: 500 });

type AttemptSaid = Pick<PayloadOf<typeof jobRunning>, 'groupId' | 'attemptId' | 'attempt' | 'backend'> &
  Partial<PayloadOf<typeof jobFailed>>;

/** Hears how the grid jobs go that CI jobs became; a message is acknowledged once that is in the database. */
@Controller()
export class GridNewsController {
  constructor(@Inject(GRID_NEWS) private readonly news: GridNews) {}

  @Consume(queues.bridgeJobs, groupQueued, following)
  groupQueued({ groupId, backend, identity }: PayloadOf<typeof groupQueued>): Promise<void> {
    return this.news.add({ groupId, saying: { of: 'group', news: { backend, identity } } });
  }

  @Consume(queues.bridgeJobs, groupRefused, following)
  groupRefused({ groupId, code, reason }: PayloadOf<typeof groupRefused>): Promise<void> {
    return this.news.add({ groupId, saying: { of: 'group', news: { refused: { code, reason } } } });
  }

  @Consume(queues.bridgeJobs, groupProgressed, following)
  progressed({ groupId, states }: PayloadOf<typeof groupProgressed>): Promise<void> {
    return this.news.add({ groupId, saying: { of: 'group', news: { states } } });
  }

  @Consume(queues.bridgeJobs, groupFinished, following)
  finished({ groupId, states, outcome }: PayloadOf<typeof groupFinished>): Promise<void> {
    return this.news.add({ groupId, saying: { of: 'group', news: { states, outcome } } });
  }

  @Consume(queues.bridgeJobs, jobSubmitted, following)
  submitted(said: PayloadOf<typeof jobSubmitted>): Promise<void> {
    return this.attempt('submitted', said);
  }

  @Consume(queues.bridgeJobs, jobRefused, following)
  refused(said: PayloadOf<typeof jobRefused>): Promise<void> {
    return this.attempt('failed', said);
  }

  @Consume(queues.bridgeJobs, jobWithdrawn, following)
  withdrawn(said: PayloadOf<typeof jobWithdrawn>): Promise<void> {
    return this.attempt('cancelled', said);
  }

  @Consume(queues.bridgeJobs, jobWaiting, following)
  waiting(said: PayloadOf<typeof jobWaiting>): Promise<void> {
    return this.attempt('waiting', said);
  }

  @Consume(queues.bridgeJobs, jobRunning, following)
  running(said: PayloadOf<typeof jobRunning>): Promise<void> {
    return this.attempt('running', said);
  }

  @Consume(queues.bridgeJobs, jobSucceeded, following)
  succeeded(said: PayloadOf<typeof jobSucceeded>): Promise<void> {
    return this.attempt('succeeded', said);
  }

  @Consume(queues.bridgeJobs, jobFailed, following)
  failed(said: PayloadOf<typeof jobFailed>): Promise<void> {
    return this.attempt('failed', said);
  }

  @Consume(queues.bridgeJobs, jobCancelled, following)
  cancelled(said: PayloadOf<typeof jobCancelled>): Promise<void> {
    return this.attempt('cancelled', said);
  }

  @Consume(queues.bridgeJobs, jobLost, following)
  lost(said: PayloadOf<typeof jobLost>): Promise<void> {
    return this.attempt('lost', said);
  }

  @Consume(queues.bridgeJobs, jobRetried, following)
  retried(said: PayloadOf<typeof jobRetried>): Promise<void> {
    return this.attempt('queued', said);
  }

  @Consume(queues.bridgeJobs, jobLog, following)
  log(said: PayloadOf<typeof jobLog>): Promise<void> {
    return this.news.add({ groupId: said.groupId, saying: { of: 'log', log: said } });
  }

  private attempt(state: AttemptState, said: AttemptSaid): Promise<void> {
    const { groupId, attemptId: id, attempt: number, backend, node, batchId, exitCode, reason } = said;
    const attempt = { id, number, state, backend, node, batchId, exitCode, reason };
    return this.news.add({ groupId, saying: { of: 'attempt', attempt } });
  }
}

import { Consume, type HandlerContext, policy } from '#bus';
import {
  groupQueued,
  groupRefused,
  jobCancelling,
  jobRefused,
  jobSubmitted,
  jobWithdrawn,
  type PayloadOf,
  queues,
} from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import type { Groups } from '../ledger/groups.js';
import type { Ledger } from '../ledger/ledger.js';
import { GROUPS, LEDGER } from '../tokens.js';

// Many at a time: what comes together is written together.
const following = policy({
  attempts: 12,
  delays: ['10s', '10s', '10s', '1m', '1m', '10m', '1h'],
  prefetch: 1_000,
});

/** Hears of groups, and of what the submitter does with their attempts; acknowledged once it is in the ledger. */
@Controller()
export class AttemptsController {
  constructor(
    @Inject(GROUPS) private readonly groups: Groups,
    @Inject(LEDGER) private readonly ledger: Ledger,
  ) {}

  @Consume(queues.monitorAttempts, groupQueued, following)
  queued(group: PayloadOf<typeof groupQueued>): Promise<void> {
    return this.groups.queued(group);
  }

  @Consume(queues.monitorAttempts, groupRefused, following)
  refusedGroup(group: PayloadOf<typeof groupRefused>): Promise<void> {
    return this.groups.refused(group);
  }

  @Consume(queues.monitorAttempts, jobSubmitted, following)
  async submitted(said: PayloadOf<typeof jobSubmitted>, { traceparent }: HandlerContext): Promise<void> {
    const { attemptId, batchId, at } = said;
    const facts = { batchId };
    await this.ledger.report(
      attemptId,
      { from: 'submitter', state: 'submitted', at: new Date(at), facts },
      traceparent,
    );
  }

  @Consume(queues.monitorAttempts, jobRefused, following)
  refused(said: PayloadOf<typeof jobRefused>, context: HandlerContext): Promise<void> {
    return this.ended('failed', said, context);
  }

  @Consume(queues.monitorAttempts, jobWithdrawn, following)
  withdrawn(said: PayloadOf<typeof jobWithdrawn>, context: HandlerContext): Promise<void> {
    return this.ended('cancelled', said, context);
  }

  @Consume(queues.monitorAttempts, jobCancelling, following)
  async cancelling(said: PayloadOf<typeof jobCancelling>, { traceparent }: HandlerContext): Promise<void> {
    const { attempts, reason, graceSeconds } = said;
    const at = new Date(said.at);
    const report = { from: 'submitter', state: 'cancelling', at, reason, graceSeconds } as const;
    await Promise.all(attempts.map((attemptId) => this.ledger.report(attemptId, report, traceparent)));
  }

  /** Of an attempt that no batch system ever had. */
  private async ended(
    state: 'failed' | 'cancelled',
    { attemptId, reason, at }: PayloadOf<typeof jobRefused | typeof jobWithdrawn>,
    { traceparent }: HandlerContext,
  ): Promise<void> {
    await this.ledger.report(attemptId, { from: 'submitter', state, at: new Date(at), reason }, traceparent);
  }
}

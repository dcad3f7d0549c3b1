import { Consume, policy } from '#bus';
import { jobCancelled, jobFailed, jobLost, jobSucceeded, queues, type PayloadOf } from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import type { Intake } from '../intake/intake.js';
import { INTAKE } from '../tokens.js';

// Many at once, for they are written down together.
const hearing = policy({ prefetch: 500 });

/** Hears of the ends of attempts: each frees a place in a batch system. */
@Controller()
export class OutcomesController {
  constructor(@Inject(INTAKE) private readonly intake: Intake) {}

  @Consume(queues.submitterOutcomes, jobSucceeded, hearing)
  succeeded({ attemptId }: PayloadOf<typeof jobSucceeded>): Promise<void> {
    return this.intake.ended({ attemptId, outcome: 'succeeded' });
  }

  @Consume(queues.submitterOutcomes, jobFailed, hearing)
  failed({ attemptId }: PayloadOf<typeof jobFailed>): Promise<void> {
    return this.intake.ended({ attemptId, outcome: 'failed' });
  }

  @Consume(queues.submitterOutcomes, jobCancelled, hearing)
  cancelled({ attemptId }: PayloadOf<typeof jobCancelled>): Promise<void> {
    return this.intake.ended({ attemptId, outcome: 'cancelled' });
  }

  @Consume(queues.submitterOutcomes, jobLost, hearing)
  lost({ attemptId }: PayloadOf<typeof jobLost>): Promise<void> {
    return this.intake.ended({ attemptId, outcome: 'lost' });
  }
}

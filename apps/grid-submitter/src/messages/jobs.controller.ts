import { Consume, policy, type HandlerContext } from '#bus';
import { jobCancel, jobRetry, jobSubmit, queues, type PayloadOf } from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import type { Intake } from '../intake/intake.js';
import { INTAKE } from '../tokens.js';

// A message may be a few MB, so few are held. A cancellation whose group has not come waits for it, in all for an hour
// and a half; then nobody will hand that group in.
const asking = policy({ prefetch: 16 });

/** Hears what is to be run and what not; a message is acknowledged once that is in the database. */
@Controller()
export class JobsController {
  constructor(@Inject(INTAKE) private readonly intake: Intake) {}

  @Consume(queues.submitterJobs, jobSubmit, asking)
  submit(group: PayloadOf<typeof jobSubmit>, context: HandlerContext): Promise<void> {
    return this.intake.submit(group, context);
  }

  @Consume(queues.submitterJobs, jobCancel, asking)
  cancel(wish: PayloadOf<typeof jobCancel>, context: HandlerContext): Promise<void> {
    return this.intake.cancel(wish, context);
  }

  @Consume(queues.submitterJobs, jobRetry, asking)
  retry(wish: PayloadOf<typeof jobRetry>, context: HandlerContext): Promise<void> {
    return this.intake.retry(wish, context);
  }
}

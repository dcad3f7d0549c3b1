import { Consume, policy } from '#bus';
import {
  groupFinished,
  groupProgressed,
  groupQueued,
  groupRefused,
  type PayloadOf,
  queues,
} from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import { wordOf } from '../domain/group-word.js';
import type { StatusIntake } from '../statuses/status-intake.js';
import { STATUSES } from '../tokens.js';

const following = policy({ prefetch: 100 });

/** Hears how work on commits goes; a message is acknowledged once that is written down. */
@Controller()
export class StatusesController {
  constructor(@Inject(STATUSES) private readonly statuses: StatusIntake) {}

  @Consume(queues.bridgeStatuses, groupQueued, following)
  queued(group: PayloadOf<typeof groupQueued>): Promise<void> {
    return this.statuses.group(group, wordOf.queued(group));
  }

  @Consume(queues.bridgeStatuses, groupRefused, following)
  refused(group: PayloadOf<typeof groupRefused>): Promise<void> {
    return this.statuses.group(group, wordOf.refused(group));
  }

  @Consume(queues.bridgeStatuses, groupProgressed, following)
  progressed(group: PayloadOf<typeof groupProgressed>): Promise<void> {
    return this.statuses.group(group, wordOf.progressed(group));
  }

  @Consume(queues.bridgeStatuses, groupFinished, following)
  finished(group: PayloadOf<typeof groupFinished>): Promise<void> {
    return this.statuses.group(group, wordOf.finished(group));
  }
}

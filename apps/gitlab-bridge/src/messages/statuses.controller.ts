import { Consume, type HandlerContext, policy } from '#bus';
import {
  commitSetStatus,
  groupFinished,
  groupProgressed,
  groupQueued,
  groupRefused,
  imagePublished,
  imagePublishFailed,
  imagePublishing,
  imageUnpublished,
  type PayloadOf,
  queues,
} from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import { wordOf } from '../domain/group-word.js';
import { imageWordOf } from '../domain/images/image-status.js';
import type { StatusIntake } from '../statuses/status-intake.js';
import { STATUSES } from '../tokens.js';

// Most are of groups that work on no commit, and of images that say nothing of one.
const following = policy({ prefetch: 100 });

/** Hears how work on commits goes; a message is acknowledged once it is written down what GitLab is to show. */
@Controller()
export class StatusesController {
  constructor(@Inject(STATUSES) private readonly statuses: StatusIntake) {}

  @Consume(queues.bridgeStatuses, groupQueued, following)
  queued(said: PayloadOf<typeof groupQueued>): Promise<void> {
    return this.statuses.group(said, wordOf.queued(said));
  }

  @Consume(queues.bridgeStatuses, groupRefused, following)
  refused(said: PayloadOf<typeof groupRefused>): Promise<void> {
    return this.statuses.group(said, wordOf.refused(said));
  }

  @Consume(queues.bridgeStatuses, groupProgressed, following)
  progressed(said: PayloadOf<typeof groupProgressed>): Promise<void> {
    return this.statuses.group(said, wordOf.progressed(said));
  }

  @Consume(queues.bridgeStatuses, groupFinished, following)
  finished(said: PayloadOf<typeof groupFinished>): Promise<void> {
    return this.statuses.group(said, wordOf.finished(said));
  }

  @Consume(queues.bridgeStatuses, commitSetStatus, following)
  command(said: PayloadOf<typeof commitSetStatus>): Promise<void> {
    return this.statuses.command(said);
  }

  @Consume(queues.bridgeImageStatuses, imagePublishing, following)
  publishing(said: PayloadOf<typeof imagePublishing>, { time }: HandlerContext): Promise<void> {
    return this.statuses.image(said, imageWordOf.publishing(said, time));
  }

  @Consume(queues.bridgeImageStatuses, imagePublished, following)
  published(said: PayloadOf<typeof imagePublished>, { time }: HandlerContext): Promise<void> {
    return this.statuses.image(said, imageWordOf.published(said, time));
  }

  @Consume(queues.bridgeImageStatuses, imagePublishFailed, following)
  publishFailed(said: PayloadOf<typeof imagePublishFailed>, { time }: HandlerContext): Promise<void> {
    return this.statuses.image(said, imageWordOf.failed(said, time));
  }

  @Consume(queues.bridgeImageStatuses, imageUnpublished, following)
  unpublished(said: PayloadOf<typeof imageUnpublished>, { time }: HandlerContext): Promise<void> {
    return this.statuses.end(imageWordOf.unpublished(said, time));
  }
}

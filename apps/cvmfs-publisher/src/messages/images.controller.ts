import { Consume, policy, type HandlerContext } from '#bus';
import { imageDeleted, imagePublish, imagePushed, imageUnpublish, queues, type PayloadOf } from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import { INTAKE } from '../tokens.js';
import type { Asked, Intake } from '../publishing/intake.js';

// A notification can overtake its tag: the first waits are short. What the registry still lacks after all of them is
// not coming.
const asking = policy({ attempts: 8, delays: ['10s', '10s', '1m', '1m', '10m', '10m', '1h'], prefetch: 32 });

/** Hears of images and remembers what is to be done; the message is acknowledged once that is in the database. */
@Controller()
export class ImagesController {
  constructor(@Inject(INTAKE) private readonly intake: Intake) {}

  @Consume(queues.publisherImages, imagePushed, asking)
  pushed(image: PayloadOf<typeof imagePushed>, context: HandlerContext): Promise<void> {
    return this.intake.pushed(image, asked(context));
  }

  @Consume(queues.publisherImages, imagePublish, asking)
  publish(wish: PayloadOf<typeof imagePublish>, context: HandlerContext): Promise<void> {
    return this.intake.publish(wish, asked(context));
  }

  @Consume(queues.publisherImages, imageDeleted, asking)
  deleted(image: PayloadOf<typeof imageDeleted>, context: HandlerContext): Promise<void> {
    return this.intake.deleted(image, asked(context));
  }

  @Consume(queues.publisherImages, imageUnpublish, asking)
  unpublish(wish: PayloadOf<typeof imageUnpublish>, context: HandlerContext): Promise<void> {
    return this.intake.unpublish(wish, asked(context));
  }
}

const asked = ({ id, time, traceparent, attempt }: HandlerContext): Asked => ({
  id,
  time: new Date(time),
  traceparent,
  attempt,
  isLast: attempt >= asking.attempts,
});

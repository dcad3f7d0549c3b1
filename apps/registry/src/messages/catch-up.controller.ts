import { BUS, type Bus, causedBy, Consume, type HandlerContext, policy } from '#bus';
import { type PayloadOf, queues, registryCatchUp, registrySnapshot } from '#contracts';
import { AppError } from '#errors';
import { LOGGER, type Logger } from '#service';
import { Controller, Inject } from '@nestjs/common';
import { CopyStore } from '../storage/copy.store.js';
import { Snapshots } from '../changes/snapshots.js';

// A copy asks again by itself: there is no use in trying for hours. Few at a time: each may read all that there is.
const answering = policy({ attempts: 4, delays: ['10s', '1m'], prefetch: 20, concurrency: 4 });

/** Answers the copies that ask what they missed. The same question twice is answered twice, and does no harm. */
@Controller()
export class CatchUpController {
  constructor(
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(CopyStore) private readonly copies: CopyStore,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Consume(queues.registryCatchUps, registryCatchUp, answering)
  async catchUp(asked: PayloadOf<typeof registryCatchUp>, context: HandlerContext): Promise<void> {
    const { queue, request, after } = asked;
    await this.copies.asked(queue, after);
    try {
      for await (const page of this.snapshots.since(after)) {
        await this.bus.answer(queue, registrySnapshot, { request, ...page }, causedBy(context));
        if (page.isLast) await this.copies.told(queue, page.upTo);
      }
    } catch (error) {
      if (!isGone(error)) throw error;
      await this.copies.gone(queue);
      this.logger.debug({ queue, after }, 'a copy that asked listens no more');
    }
  }
}

const isGone = (error: unknown): boolean => error instanceof AppError && error.code === 'bus.unroutable';

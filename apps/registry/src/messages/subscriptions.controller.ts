import { ConsumeAll, type HandlerContext, policy } from '#bus';
import { type Message, messages, queues } from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import { SubscriptionEvents } from '../subscriptions/subscription-events.js';

const hearing = policy({ prefetch: 64, concurrency: 4 });
const byType = new Map<string, Message>(messages.map((message) => [message.type, message]));

/** Hears every event, for those who asked to be told. */
@Controller()
export class SubscriptionsListener {
  constructor(@Inject(SubscriptionEvents) private readonly events: SubscriptionEvents) {}

  @ConsumeAll(queues.registrySubscriptions, hearing)
  async heard(data: unknown, context: HandlerContext): Promise<void> {
    const message = byType.get(context.type);
    if (message) await this.events.heard(message, context, data);
  }
}

import { toAppError } from '#errors';
import { Every, logError, type Logger } from '#service';
import { type DeliveryFate, fateOf } from '../domain/delivery-fate.js';
import type { SentAnswer } from '../clients/webhook-sender.js';
import type { DeliveryStore, DueDelivery } from '../storage/delivery.store.js';
import type { Receivers } from './receivers.js';
import type { SubscriptionMetrics } from './subscription-metrics.js';

/** What one copy sends with; `pause` is for a receiver that says it wants no more. */
export interface CourierParts {
  readonly store: DeliveryStore;
  readonly receivers: Receivers;
  readonly pause: (due: DueDelivery) => Promise<void>;
  readonly metrics: SubscriptionMetrics;
  readonly logger: Logger;
  /** How long a receiver has to answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** Requests of one copy at a time, to one receiver and in all: slow receivers fill their own share alone. */
const [perSubscription, inAll] = [4, 200];
/** What others wait for beyond the receiver's time before they take a delivery for abandoned, in milliseconds. */
const leaseSlackMs = 5_000;
const lookEveryMs = 1_000;

/** Sends what is due. Each copy of the registry has one; the database deals out the work. */
export class Courier {
  private readonly underWay = new Map<string, number>();
  private readonly sending = new Set<Promise<void>>();
  private readonly looking: Every;

  constructor(private readonly parts: CourierParts) {
    this.looking = new Every('sending to subscriptions', lookEveryMs, () => this.look(), parts.logger);
  }

  start(): void {
    this.looking.start();
  }

  /** Something is due: look now rather than in a moment. */
  wake(): void {
    this.looking.wake();
  }

  /** Takes nothing more, and resolves when what was begun has its answer. */
  async stop(): Promise<void> {
    await this.looking.stop();
    await Promise.all(this.sending);
  }

  private async look(): Promise<void> {
    const room = inAll - this.sending.size;
    if (room <= 0) return;
    const { store, timeoutMs } = this.parts;
    const bounds = { perSubscription, inAll: room, leaseMs: timeoutMs + leaseSlackMs };
    for (const due of await store.claim({ ...bounds, underWay: this.underWay })) {
      this.count(due, 1);
      const sent = this.deliver(due).finally(() => {
        this.count(due, -1);
        this.sending.delete(sent);
        this.wake();
      });
      this.sending.add(sent);
    }
  }

  /** What fails here for a reason of our own is due again when the lease ends. */
  private async deliver(due: DueDelivery): Promise<void> {
    const { store, receivers, pause, metrics, logger } = this.parts;
    try {
      const answer = await receivers.send(due.spec, { id: due.eventId, body: due.body });
      const fate = fateOf(answer, due.attempts, Date.now());
      this.tell(due, answer, fate);
      if (fate.state === 'failed' && fate.isUnwanted) await pause(due);
      await store.finish(due, resultOf(answer, fate));
      metrics.attempted(due.subscriptionName, fate.state, answer.milliseconds);
    } catch (thrown) {
      const error = toAppError(thrown);
      logError(logger, error, `a delivery to subscription ${due.subscriptionName} is not finished`);
    }
  }

  private tell(
    { subscriptionName, eventId, attempts }: DueDelivery,
    answer: SentAnswer,
    fate: DeliveryFate,
  ): void {
    if (fate.state === 'delivered') return;
    const about = { subscription: subscriptionName, event: eventId, attempts, status: answer.status };
    const { logger } = this.parts;
    if (fate.state === 'failed') logger.warn({ ...about, reason: fate.reason }, 'an event is not delivered');
    else logger.info({ ...about, reason: fate.reason, waitMs: fate.waitMs }, 'an event is sent again later');
  }

  private count({ subscriptionId }: DueDelivery, change: number): void {
    const count = (this.underWay.get(subscriptionId) ?? 0) + change;
    if (count > 0) this.underWay.set(subscriptionId, count);
    else this.underWay.delete(subscriptionId);
  }
}

const resultOf = ({ status, milliseconds }: SentAnswer, fate: DeliveryFate) => ({
  state: fate.state,
  waitMs: fate.state === 'waiting' ? fate.waitMs : 0,
  reason: fate.state === 'delivered' ? undefined : fate.reason,
  status,
  milliseconds,
});

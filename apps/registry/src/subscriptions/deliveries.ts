import { toAppError } from '#errors';
import type { WebhookSender } from '../clients/webhook-sender.js';
import { signatureHeaders } from '../domain/webhook-signature.js';
import type { Delivery, DeliveryStore } from '../storage/delivery.store.js';
import type { KnownSubscriptions } from './known-subscriptions.js';

export interface DeliveriesParts {
  readonly store: DeliveryStore;
  readonly subscriptions: KnownSubscriptions;
  readonly sender: WebhookSender;
  readonly log: { warn(fields: object, text: string): void };
  /** Waits after each failed attempt, in seconds; after the last it is given up. */
  readonly retrySeconds: readonly number[];
  /** Longer than an attempt may take. */
  readonly holdSeconds: number;
}

/** How often the database is asked for what another copy took in, or for what is due again. */
const pollMs = 1_000;
const purgeMs = 3_600_000;
/** Of one subscription at once: receivers are others' machines. */
const each = 2;

/** Sends what is due, each subscription by itself: one that is slow holds up nobody but itself. */
export class Deliveries {
  private readonly underWay = new Map<string, Set<Promise<void>>>();
  private timer: NodeJS.Timeout | undefined;
  private purging: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private again = false;
  private stopped = false;

  constructor(private readonly parts: DeliveriesParts) {}

  start(): void {
    this.timer = setInterval(() => this.wake(), pollMs).unref();
    this.purging = setInterval(() => void this.parts.store.purge().catch(() => undefined), purgeMs).unref();
    this.wake();
  }

  /** Something is due, or may be. */
  wake(): void {
    if (this.stopped) return;
    if (this.looking) {
      this.again = true;
      return;
    }
    this.looking = this.look().finally(() => {
      this.looking = undefined;
      if (!this.again) return;
      this.again = false;
      this.wake();
    });
  }

  /** What is under way is finished; the rest is another copy's, or the next start's. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    clearInterval(this.purging);
    await this.looking;
    await Promise.all([...this.underWay.values()].flatMap((running) => [...running]));
    await this.parts.sender.close();
  }

  private async look(): Promise<void> {
    try {
      const due = await this.parts.store.take(each, [...this.underWay.keys()], this.parts.holdSeconds);
      for (const delivery of due) this.begin(delivery);
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      this.parts.log.warn({ code, err: message }, 'deliveries to subscriptions wait');
    }
  }

  private begin(delivery: Delivery): void {
    const { subscription } = delivery;
    const running = this.underWay.get(subscription) ?? new Set();
    this.underWay.set(subscription, running);
    const done = this.deliver(delivery)
      .catch((thrown: unknown) => {
        const { code, message } = toAppError(thrown);
        this.parts.log.warn({ subscription, code, err: message }, 'what became of a delivery is not noted');
      })
      .finally(() => {
        running.delete(done);
        if (running.size > 0) return;
        this.underWay.delete(subscription);
        this.wake();
      });
    running.add(done);
  }

  private async deliver(delivery: Delivery): Promise<void> {
    const { store, subscriptions, sender } = this.parts;
    const settings = await subscriptions.active(delivery.subscription);
    if (!settings) return store.forget(delivery.subscription);
    let status: number;
    try {
      const secret = await subscriptions.secretOf(settings);
      const headers = signatureHeaders(secret, delivery.eventId, new Date(), delivery.body);
      status = await sender.send(settings.url, headers, delivery.body);
    } catch (thrown) {
      return this.failed(delivery, reasonOf(thrown));
    }
    if (status >= 200 && status < 300) return store.delivered(delivery);
    await this.failed(delivery, `it answered ${status}`, status === 410);
    if (status !== 410) return;
    await subscriptions.pause(delivery.subscription);
    await store.forget(delivery.subscription);
  }

  private async failed(delivery: Delivery, reason: string, isFinal = false): Promise<void> {
    const { subscription, eventId, attempt } = delivery;
    const again = isFinal ? undefined : this.parts.retrySeconds[attempt - 1];
    await this.parts.store.failed(delivery, reason, again);
    this.parts.log.warn({ subscription, eventId, attempt, reason, again }, 'an event was not delivered');
  }
}

/** Holds no secret: neither headers nor body are in what undici throws. */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const { code, message } = toAppError(cause);
  return message === '' ? code : message;
}

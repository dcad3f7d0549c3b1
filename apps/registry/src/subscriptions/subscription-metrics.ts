import { Counter, Gauge, Histogram } from 'prom-client';
import type { DeliveryState } from '#api';
import type { Registry } from '#service';
import type { DeliveryStore } from '../storage/delivery.store.js';

/** What is counted of deliveries to subscriptions. */
export class SubscriptionMetrics {
  private readonly attempts: Counter<'subscription' | 'outcome'>;
  private readonly seconds: Histogram;

  constructor(registry: Registry, store: Pick<DeliveryStore, 'summaries'>) {
    const registers = [registry];
    this.attempts = new Counter({
      name: 'slipway_subscription_attempts_total',
      help: 'Attempts to send an event to a subscription, by outcome: delivered, waiting (sent again later), failed (given up).',
      labelNames: ['subscription', 'outcome'],
      registers,
    });
    this.seconds = new Histogram({
      name: 'slipway_subscription_seconds',
      help: 'How long receivers took to answer, or did not.',
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60],
      registers,
    });
    const gauge: Gauge<'subscription'> = new Gauge({
      name: 'slipway_subscription_oldest_seconds',
      help: 'Age of the oldest event that waits to be delivered, by subscription. Every copy tells the same: take the maximum.',
      labelNames: ['subscription'],
      registers,
      collect: async () => {
        // Without the database there are no numbers; the other metrics must come all the same.
        const rows = await store.summaries().catch(() => []);
        gauge.reset();
        for (const { subscription, oldestSeconds } of rows) gauge.set({ subscription }, oldestSeconds);
      },
    });
  }

  attempted(subscription: string, outcome: DeliveryState, milliseconds: number): void {
    this.attempts.inc({ subscription, outcome });
    this.seconds.observe(milliseconds / 1_000);
  }
}

import type { Registry } from '#service';
import { Counter, Gauge, Histogram } from 'prom-client';

/** What polling costs, and whether it goes well, by backend. */
export class PollMetrics {
  private readonly open: Gauge;
  private readonly seconds: Histogram;
  private readonly failures: Counter;

  constructor(registers: Registry) {
    const options = { labelNames: ['backend'], registers: [registers] };
    this.open = new Gauge({
      name: 'slipway_monitor_open_attempts',
      help: 'Attempts that the batch system has, as far as the ledger knows.',
      ...options,
    });
    this.seconds = new Histogram({
      name: 'slipway_monitor_poll_seconds',
      help: 'Duration of one poll: the question, the comparison and what was written.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      ...options,
    });
    this.failures = new Counter({
      name: 'slipway_monitor_poll_failures_total',
      help: 'Polls that the batch system did not answer.',
      ...options,
    });
  }

  polled(backend: string, open: number, seconds: number, isFailure: boolean): void {
    this.open.set({ backend }, open);
    this.seconds.observe({ backend }, seconds);
    if (isFailure) this.failures.inc({ backend });
  }
}

import type { Registry } from '#service';
import { Counter, Histogram } from 'prom-client';

/** The label `outcome` of the metric; its help text says what each means. */
export type SubmissionOutcome = 'submitted' | 'refused' | 'doubtful' | 'found' | 'put_back';

/** What became of submissions. */
export class SubmissionMetrics {
  private readonly outcomes: Counter;
  private readonly attempts: Counter;
  private readonly seconds: Histogram;

  constructor(registry: Registry) {
    this.outcomes = new Counter({
      name: 'slipway_grid_submissions_total',
      help: 'Submissions: submitted, refused by the batch system, doubtful (no answer, or cut off), found there afterwards, put back because they are not there.',
      labelNames: ['backend', 'outcome'],
      registers: [registry],
    });
    this.attempts = new Counter({
      name: 'slipway_grid_submitted_attempts_total',
      help: 'Attempts that a batch system took.',
      labelNames: ['backend'],
      registers: [registry],
    });
    this.seconds = new Histogram({
      name: 'slipway_grid_submit_seconds',
      help: 'How long a batch system takes for one submission that it takes.',
      labelNames: ['backend'],
      buckets: [0.01, 0.1, 0.3, 1, 3, 10, 30, 100],
      registers: [registry],
    });
  }

  became(backend: string, outcome: SubmissionOutcome): void {
    this.outcomes.inc({ backend, outcome });
  }

  took(backend: string, attempts: number, seconds: number): void {
    this.attempts.inc({ backend }, attempts);
    this.seconds.observe({ backend }, seconds);
  }
}

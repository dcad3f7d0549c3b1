import type { Registry } from '#service';
import { Counter, Gauge } from 'prom-client';
import type { Ending } from './domain/ci-job.js';

/** What the bridge counts. */
export class BridgeMetrics {
  private readonly questions: Counter<'what'>;
  private readonly endings: Counter<'outcome'>;
  private readonly traceBytes: Counter<'to'>;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.questions = new Counter({
      name: 'slipway_bridge_gitlab_requests_total',
      help: 'Requests to GitLab that were answered: for a job, a piece of trace, a state.',
      labelNames: ['what'],
      registers,
    });
    this.endings = new Counter({
      name: 'slipway_bridge_jobs_total',
      help: 'CI jobs that are over, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    this.traceBytes = new Counter({
      name: 'slipway_bridge_trace_bytes_total',
      help: 'Bytes of traces: written down, and taken by GitLab.',
      labelNames: ['to'],
      registers,
    });
  }

  living(count: () => number): void {
    const gauge: Gauge = new Gauge({
      name: 'slipway_bridge_jobs',
      help: 'CI jobs that this copy looks after.',
      registers: [this.registry],
      collect: () => gauge.set(count()),
    });
  }

  asked(what: 'job' | 'trace' | 'state'): void {
    this.questions.inc({ what });
  }

  ended(outcome: Ending['outcome']): void {
    this.endings.inc({ outcome });
  }

  traced(bytes: number): void {
    this.traceBytes.inc({ to: 'database' }, bytes);
  }

  sent(bytes: number): void {
    this.traceBytes.inc({ to: 'gitlab' }, bytes);
  }
}

import { Counter, Histogram } from 'prom-client';
import type { Registry } from '#service';
import type { Outcome } from '../domain/outcome.js';

/** How a delivery ended, for the metric: an outcome, or what ended it before there was one. */
export type Ending = Outcome['kind'] | 'too_large' | 'no_room' | 'aborted' | 'failed';

/** What the relay counts, per source; deliveries to sources that are not configured are one, without a name. */
export class RelayMetrics {
  private readonly deliveries: Counter<'source' | 'outcome'>;
  private readonly events: Counter<'source'>;
  private readonly dropped: Counter<'source' | 'reason'>;
  private readonly unknown: Counter;
  private readonly seconds: Histogram<'source'>;
  private readonly cells = new Map<string, Counter.Internal>();
  private readonly clocks = new Map<string, Histogram.Internal<'source'>>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.deliveries = new Counter({
      name: 'slipway_relay_deliveries_total',
      help: 'Deliveries by source and outcome.',
      labelNames: ['source', 'outcome'],
      registers,
    });
    this.events = new Counter({
      name: 'slipway_relay_events_total',
      help: 'Events that deliveries gave and the broker confirmed.',
      labelNames: ['source'],
      registers,
    });
    this.dropped = new Counter({
      name: 'slipway_relay_dropped_total',
      help: 'What deliveries told and no event was made of, by reason.',
      labelNames: ['source', 'reason'],
      registers,
    });
    this.unknown = new Counter({
      name: 'slipway_relay_unknown_source_total',
      help: 'Requests for sources that are not configured.',
      registers,
    });
    this.seconds = new Histogram({
      name: 'slipway_relay_seconds',
      help: 'From the end of a delivery’s headers to its answer.',
      labelNames: ['source'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
  }

  /** @param milliseconds how long it took */
  ended(source: string, ending: Ending, milliseconds: number): void {
    this.endingOf(source, ending).inc();
    let clock = this.clocks.get(source);
    if (clock === undefined) this.clocks.set(source, (clock = this.seconds.labels(source)));
    clock.observe(milliseconds / 1_000);
  }

  told(source: string, outcome: Outcome): void {
    if (outcome.kind !== 'accepted') return;
    if (outcome.published > 0) this.eventsOf(source).inc(outcome.published);
    for (const { reason } of outcome.dropped) this.dropped.inc({ source, reason });
  }

  unknownSource(): void {
    this.unknown.inc();
  }

  /** prom-client hashes labels at every increment, unless one keeps what they lead to. */
  private endingOf(source: string, ending: Ending): Counter.Internal {
    return this.kept(`${ending} ${source}`, () => this.deliveries.labels(source, ending));
  }

  private eventsOf(source: string): Counter.Internal {
    return this.kept(source, () => this.events.labels(source));
  }

  private kept(key: string, find: () => Counter.Internal): Counter.Internal {
    const known = this.cells.get(key);
    if (known) return known;
    const cell = find();
    this.cells.set(key, cell);
    return cell;
  }
}

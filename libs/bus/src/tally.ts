import { Counter, Gauge, type Registry } from 'prom-client';

/** What the gauges read when they are scraped. */
export interface BusGauges {
  inFlight(): number;
  waiting(): number;
  handling(): Readonly<Record<string, number>>;
  up(): Readonly<Record<string, boolean>>;
  blocked(): boolean;
}

type Labels = Readonly<Record<string, string>>;

interface CounterSpec {
  readonly help: string;
  readonly labels: readonly string[];
}

const counters = {
  published: { help: 'Messages handed to the bus', labels: ['message'] },
  confirmed: { help: 'Messages that the broker confirmed', labels: ['message'] },
  publish_failed: { help: 'Messages that were not confirmed, by error code', labels: ['message', 'code'] },
  consumed: { help: 'Deliveries that were answered, by outcome', labels: ['queue', 'message', 'outcome'] },
  retried: { help: 'Messages sent to a delay queue', labels: ['queue', 'code'] },
  dead_lettered: {
    help: 'Messages dead-lettered by this process, by reason',
    labels: ['queue', 'reason', 'code'],
  },
  suspected: {
    help: 'Messages that came back unacknowledged and are handled one at a time',
    labels: ['queue'],
  },
  connections: {
    help: 'Connections made to the broker; all but the first are reconnects',
    labels: ['purpose'],
  },
} as const satisfies Record<string, CounterSpec>;

/** A counter without its prefix: `published` is `slipway_bus_published_total`. */
export type CounterName = keyof typeof counters;

/**
 * The bus's counts. Kept as plain numbers and handed to Prometheus when it asks: prom-client hashes the labels at every
 * increment, which costs more than publishing a small message may.
 */
export class Tally {
  private readonly cells = new Map<string, { name: CounterName; labels: Labels; value: number }>();

  count(name: CounterName, labels: Labels): void {
    this.cell(name, labels).value += 1;
  }

  /** The cell itself, for who counts the same thing very often. */
  cell(name: CounterName, labels: Labels): { value: number } {
    let key: string = name;
    for (const label of counters[name].labels) key += `\n${labels[label] ?? ''}`;
    let cell = this.cells.get(key);
    if (!cell) {
      cell = { name, labels, value: 0 };
      this.cells.set(key, cell);
    }
    return cell;
  }

  value(name: CounterName, labels: Labels): number {
    return this.cell(name, labels).value;
  }

  register(registry: Registry, gauges: BusGauges): void {
    const { cells } = this;
    for (const [name, spec] of Object.entries(counters)) {
      const counter = new Counter({
        name: `slipway_bus_${name}_total`,
        help: spec.help,
        labelNames: spec.labels,
        registers: [],
        collect() {
          this.reset();
          for (const cell of cells.values()) if (cell.name === name) this.inc(cell.labels, cell.value);
        },
      });
      registry.registerMetric(counter);
    }
    gauge(registry, 'in_flight', 'Messages sent and not yet confirmed', () => gauges.inFlight());
    gauge(registry, 'waiting', 'Messages waiting to be sent', () => gauges.waiting());
    gauge(registry, 'blocked', '1 while the broker takes no messages (alarm)', () =>
      Number(gauges.blocked()),
    );
    labelled(registry, 'handling', 'Handlers running', 'queue', () => gauges.handling());
    labelled(registry, 'up', '1 while connected to the broker', 'purpose', () =>
      Object.fromEntries(Object.entries(gauges.up()).map(([purpose, up]) => [purpose, Number(up)])),
    );
  }
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const metric = new Gauge({
    name: `slipway_bus_${name}`,
    help,
    registers: [],
    collect() {
      this.set(read());
    },
  });
  registry.registerMetric(metric);
}

function labelled(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  read: () => Readonly<Record<string, number>>,
): void {
  const metric = new Gauge({
    name: `slipway_bus_${name}`,
    help,
    labelNames: [label],
    registers: [],
    collect() {
      for (const [key, value] of Object.entries(read())) this.set({ [label]: key }, value);
    },
  });
  registry.registerMetric(metric);
}

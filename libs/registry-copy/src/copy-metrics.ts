import { Gauge, type Registry } from 'prom-client';

/** What the gauges read when they are scraped. */
export interface CopyGauges {
  revision(): number;
  behind(): boolean;
  items(): Readonly<Record<string, number>>;
  unreadable(): number;
}

/** Registers gauges that tell how far behind the registry a copy is. */
export function reportCopy(registry: Registry, gauges: CopyGauges): void {
  gauge(registry, 'revision', 'Revision of the registry up to which this copy knows everything', () =>
    gauges.revision(),
  );
  gauge(registry, 'behind', '1 while this copy waits for what it missed', () => Number(gauges.behind()));
  gauge(registry, 'unreadable', 'Resources whose latest state this version cannot read or open', () =>
    gauges.unreadable(),
  );
  registry.registerMetric(
    new Gauge({
      name: 'slipway_registry_copy_items',
      help: 'Resources in this copy',
      labelNames: ['kind'],
      registers: [],
      collect() {
        for (const [kind, count] of Object.entries(gauges.items())) this.set({ kind }, count);
      },
    }),
  );
}

function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  registry.registerMetric(
    new Gauge({
      name: `slipway_registry_copy_${name}`,
      help,
      registers: [],
      collect() {
        this.set(value());
      },
    }),
  );
}

import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export { Registry } from 'prom-client';

/** A registry with the process's own metrics and `slipway_build_info`. */
export function createMetrics(service: string, version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const info = new Gauge({
    name: 'slipway_build_info',
    help: 'Always 1; says which service and version this is.',
    labelNames: ['service', 'version', 'node'],
    registers: [registry],
  });
  info.set({ service, version, node: process.version }, 1);
  return registry;
}

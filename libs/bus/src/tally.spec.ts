import { Registry } from 'prom-client';
import { Tally } from './tally.js';

describe('the metrics', () => {
  it('are what was counted and what is the case when Prometheus asks', async () => {
    const registry = new Registry();
    const tally = new Tally();
    let inFlight = 1;
    tally.register(registry, {
      inFlight: () => inFlight,
      waiting: () => 2,
      blocked: () => true,
      handling: () => ({ 'a.queue': 3 }),
      up: () => ({ publishing: true, consuming: false }),
    });
    tally.cell('published', { message: 'image.pushed.v1' }).value += 5;
    tally.count('dead_lettered', { queue: 'a.queue', reason: 'permanent', code: 'a.never' });
    inFlight = 7;
    for (let scrape = 0; scrape < 2; scrape++) {
      const text = await registry.metrics();
      expect(text).toContain('slipway_bus_published_total{message="image.pushed.v1"} 5\n');
      expect(text).toContain(
        'slipway_bus_dead_lettered_total{queue="a.queue",reason="permanent",code="a.never"} 1\n',
      );
      expect(text).toContain('slipway_bus_in_flight 7\n');
      expect(text).toContain('slipway_bus_waiting 2\n');
      expect(text).toContain('slipway_bus_blocked 1\n');
      expect(text).toContain('slipway_bus_handling{queue="a.queue"} 3\n');
      expect(text).toContain('slipway_bus_up{purpose="publishing"} 1\n');
      expect(text).toContain('slipway_bus_up{purpose="consuming"} 0\n');
    }
  });
});

import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Scrubber } from '../logging/redaction.js';
import type { Readiness } from './readiness.js';

export interface OperationalRoutes {
  readonly service: string;
  readonly readiness: Readiness;
  readonly metrics: Registry;
  readonly scrubber: Scrubber;
}

/** /health/live, /health/ready and /metrics. On Fastify itself: they must answer whatever the application's guards say. */
export function addOperationalRoutes(server: FastifyInstance, parts: OperationalRoutes): void {
  const { service, readiness, metrics, scrubber } = parts;
  server.get('/health/live', (_request, reply) => reply.send({ status: 'live', service }));
  server.get('/health/ready', async (_request, reply) => {
    const { ready, checks } = await readiness.report();
    // A driver's message may hold the address it could not reach, password included.
    const shown = Object.entries(checks).map(([name, result]) => [name, scrubber.scrub(result)]);
    return reply
      .status(ready ? 200 : 503)
      .send({ status: ready ? 'ready' : 'not ready', service, checks: Object.fromEntries(shown) });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.metrics()),
  );
}

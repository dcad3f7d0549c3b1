import type { Registry } from 'prom-client';
import type { Scrubber } from '../logging/redaction.js';
import type { Readiness } from './readiness.js';

/** What the operational pages tell of. */
export interface OperationalParts {
  readonly service: string;
  readonly readiness: Readiness;
  readonly metrics: Registry;
  readonly scrubber: Scrubber;
}

/** An answer that Node's server and Fastify can both give. */
export interface OperationalAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

type Answers = Readonly<Record<string, () => Promise<OperationalAnswer>>>;

/** /health/live, /health/ready and /metrics by their paths: the same answers while the service starts and when it runs. */
export function operationalAnswers(parts: OperationalParts): Answers {
  const { service, metrics } = parts;
  return {
    '/health/live': async () => json(200, { status: 'live', service }),
    '/health/ready': () => ready(parts),
    '/metrics': async () => ({
      status: 200,
      contentType: metrics.contentType,
      body: await metrics.metrics(),
    }),
  };
}

async function ready({ service, readiness, scrubber }: OperationalParts): Promise<OperationalAnswer> {
  const report = await readiness.report();
  // A driver's message may hold the address it could not reach, password included.
  const shown = Object.entries(report.checks).map(([name, result]) => [name, scrubber.scrub(result)]);
  const status = report.ready ? 'ready' : 'not ready';
  return json(report.ready ? 200 : 503, { status, service, checks: Object.fromEntries(shown) as unknown });
}

const json = (status: number, value: unknown): OperationalAnswer => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
});

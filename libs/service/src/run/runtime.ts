import type { Logger } from '../logging/logger.js';
import type { Scrubber } from '../logging/redaction.js';
import type { Readiness } from '../http/readiness.js';
import type { Registry } from '../http/metrics.js';
import type { currentTraceparent, withTrace } from '../tracing/trace-context.js';

/** What the process offers to the service that runs in it. */
export interface Runtime {
  readonly name: string;
  readonly version: string;
  readonly logger: Logger;
  /** Where the service registers its own metrics. */
  readonly metrics: Registry;
  readonly readiness: Readiness;
  /** Secrets that the service resolves by itself are made known here, so that no log shows them. */
  readonly scrubber: Scrubber;
  /** For what carries the trace from one process to the next. */
  readonly trace: ProcessTrace;
}

/** How a process carries the W3C trace context along. */
export interface ProcessTrace {
  /** The `traceparent` of what runs now. */
  readonly current: typeof currentTraceparent;
  /** Runs `work` under the trace that came with a message or a request. */
  readonly run: typeof withTrace;
}

/** Injection token, for classes that Nest constructs: the process's one log, as in `Runtime.logger`. */
export const LOGGER = Symbol('slipway:logger');
/** prom-client's registry of this process, as in `Runtime.metrics`. */
export const METRICS = Symbol('slipway:metrics');
/** The checks that /health/ready goes by, as in `Runtime.readiness`. */
export const READINESS = Symbol('slipway:readiness');
/** The service's own values, as its `config.ts` reads them. */
export const CONFIG = Symbol('slipway:config');

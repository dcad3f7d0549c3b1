import type { Logger } from '../logging/logger.js';
import type { Scrubber } from '../logging/redaction.js';
import type { Readiness } from '../http/readiness.js';
import type { Registry } from '../http/metrics.js';

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
}

/** Injection tokens, for classes that Nest constructs. */
export const LOGGER = Symbol('slipway:logger');
export const METRICS = Symbol('slipway:metrics');
export const READINESS = Symbol('slipway:readiness');
export const CONFIG = Symbol('slipway:config');

import type { KeyRing } from '#secrets';
import type { Logger } from '#service';
import type { BridgeMetrics } from './bridge-metrics.js';
import type { GitLabs } from './clients/gitlabs.js';
import type { BridgeConfig } from './config.js';
import type { Configured } from './configured.js';
import type { CiJobStore } from './storage/ci-job.store.js';

/** What asking for CI jobs and living their lives both need. */
export interface CiJobParts {
  readonly config: BridgeConfig;
  readonly configured: Configured;
  readonly jobs: CiJobStore;
  readonly gitlabs: GitLabs;
  readonly ring: KeyRing;
  readonly metrics: BridgeMetrics;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly version: string;
}

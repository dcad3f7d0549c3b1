import type { BackendSettings } from '#contracts';
import type { GridBackend } from '#grid';
import type { Identities } from '../clients/identities.js';
import type { JobFiles } from '../clients/job-files.js';
import type { BackOffStore } from '../storage/back-off.store.js';
import type { CancellationStore } from '../storage/cancellation.store.js';
import type { PickStore } from '../storage/pick.store.js';
import type { RecoveryStore } from '../storage/recovery.store.js';
import type { SubmissionStore } from '../storage/submission.store.js';
import type { SubmissionMetrics } from './submission-metrics.js';

/** What the work on backends needs of a logger. */
export interface EngineLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** What the work on every backend shares. */
export interface EngineParts {
  readonly picks: PickStore;
  readonly submissions: SubmissionStore;
  readonly recoveries: RecoveryStore;
  readonly cancellations: CancellationStore;
  readonly backOffs: BackOffStore;
  readonly identities: Identities;
  readonly files: JobFiles;
  readonly metrics: SubmissionMetrics;
  readonly log: EngineLog;
  /** This copy of the service: a UUID, made at its start. */
  readonly holder: string;
  readonly leaseMs: number;
  /** Submissions to one backend at once. */
  readonly parallel: number;
  /** How often it is looked whether there is something to do, in milliseconds. */
  readonly pollMs: number;
  limitOf(project: string): number | undefined;
  /** Opens a batch system; the same one as long as its settings are the same. */
  open(settings: BackendSettings): Promise<GridBackend>;
  /** A batch system works on a submission: time for what has waited for that. */
  readonly handed: () => void;
  /** Something is in the outbox. */
  readonly said: () => void;
}

/** One backend that work is done on. */
export interface Site {
  readonly settings: BackendSettings;
  readonly backend: GridBackend;
  /** Aborted when calls have to end. */
  readonly signal: AbortSignal;
}

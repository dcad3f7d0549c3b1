import type { ComposingOutcome, ComposingContext } from '../domain/composing/index.js';
import type { CiJob } from '#gitlab';
import type { MonitorClient } from '../clients/monitor.client.js';
import type { ImageChoice } from '../domain/images/image-on-cvmfs.js';
import type { JobPersons } from '../identity/job-persons.js';
import type { CiJobParts } from '../ci-job-parts.js';
import type { StageStore } from '../storage/stage.store.js';
import type { TraceStore } from '../storage/trace.store.js';

/** What the lives of all CI jobs share. */
export interface LifeParts extends CiJobParts {
  readonly stages: StageStore;
  readonly traces: TraceStore;
  /** Certificates (PEM) that nodes check GitLab's by; absent: those that they know. */
  readonly gitlabCa?: string | undefined;
  readonly monitor: MonitorClient;
  /** This copy of the service: a UUID, made at its start. */
  readonly holder: string;
  readonly compose: (job: CiJob, context: ComposingContext) => ComposingOutcome;
  /** Where the job's image is on CVMFS, or that it is not, in words; undefined where it has none. */
  readonly imageOf: (job: CiJob, project: string, gitlabUrl: string) => Promise<ImageChoice | undefined>;
  readonly persons: JobPersons;
  /** Something is in the outbox. */
  readonly said: () => void;
  /** A job is over: there is room for another one. */
  readonly freed: () => void;
}

import type { Call } from '../../backend.js';
import type { JobDescription } from './job-description.js';
import type { SlurmJob } from './slurm-job.js';

/** How Slurm is spoken to: by its command-line tools, or by slurmrestd. Errors are those of GridBackend. */
export interface SlurmClient {
  version(call: Call): Promise<string>;
  /** The id of the job or of the array. */
  submit(job: JobDescription, call: Call): Promise<string>;
  /** The caller's own jobs with that comment. */
  jobsWith(comment: string, call: Call): Promise<readonly SlurmJob[]>;
  /** All jobs that Slurm has, those included that ended in the last minutes (`MinJobAge`). */
  jobs(call: Call): Promise<readonly SlurmJob[]>;
  /**
   * What the accounting knows of jobs and whole arrays, how much memory they took included; undefined where there is no
   * accounting.
   */
  accounted(jobIds: readonly string[], call: Call): Promise<readonly SlurmJob[] | undefined>;
  cancel(batchIds: readonly string[], call: Call): Promise<void>;
  /** All that Slurm says of a job, for people. */
  show(batchId: string, call: Call): Promise<string | undefined>;
  /** Whether any node says how much local disk it has. */
  nodesHaveDisk(call: Call): Promise<boolean>;
}

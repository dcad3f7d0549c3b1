import type { GridJob } from '#api';
import type { AttemptState } from '#contracts';
import type { Reason } from '../domain/report.js';

/** A job with its latest attempt, as it is read. */
export interface JobRow {
  readonly job_id: string;
  readonly group_id: string;
  readonly index: number;
  readonly key: string;
  readonly project: string;
  readonly backend: string;
  readonly state: AttemptState;
  readonly state_at: Date;
  readonly number: number;
  readonly attempt_id: string;
  readonly made: string;
  readonly batch_id: string | null;
  readonly node: string | null;
  readonly queued_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly exit_code: number | null;
  readonly signal: number | null;
  readonly reason: Reason | null;
  readonly log_bytes: string | null;
  readonly log_lines: string | null;
  readonly output_bytes: string | null;
  readonly is_cancelling: boolean;
}

/** What `jobColumns` are read from: attempts as `a`; who asks says which attempt of each job. */
export const jobTables = `attempt a join job j on j.id = a.job_id and j.made_at = a.made_at
  left join attempt_life l on l.attempt_id = a.id and l.made_at = a.made_at`;

/** The columns that make a `JobRow`; the tables are partitioned by `made_at`, so each join names it. */
export const jobColumns = `a.job_id, a.group_id, a.index, j.key, a.project, a.backend, a.state, a.state_at, a.number,
  a.id as attempt_id, a.made_at::text as made, a.batch_id, a.node, a.queued_at, a.started_at, a.ended_at, a.exit_code,
  a.signal, a.reason, l.log_bytes, l.log_lines, l.output_bytes,
  (a.cancel is not null and a.state in ('queued', 'submitted', 'waiting', 'running')) as is_cancelling`;

/** A job as the API tells it. */
export const jobOf = (row: JobRow): GridJob => ({
  id: row.job_id,
  groupId: row.group_id,
  index: row.index,
  key: row.key,
  project: row.project,
  backend: row.backend,
  attempt: row.number,
  attemptId: row.attempt_id,
  isCancelling: row.is_cancelling,
  ...attemptFactsOf(row),
});

/** What a job shows of its latest attempt, and an attempt of itself. */
export const attemptFactsOf = (row: JobRow) => ({
  state: row.state,
  stateAt: row.state_at.toISOString(),
  batchId: row.batch_id ?? undefined,
  node: row.node ?? undefined,
  queuedAt: row.queued_at.toISOString(),
  startedAt: row.started_at?.toISOString(),
  endedAt: row.ended_at?.toISOString(),
  exitCode: row.exit_code ?? undefined,
  signal: row.signal ?? undefined,
  reason: row.reason ?? undefined,
  logBytes: numberOf(row.log_bytes),
  logLines: numberOf(row.log_lines),
  outputBytes: numberOf(row.output_bytes),
});

/** PostgreSQL's bigint comes as text. */
const numberOf = (value: string | null): number | undefined => (value === null ? undefined : Number(value));

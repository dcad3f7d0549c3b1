import type {
  CiJobFields,
  CiJobRecord,
  DeliveryPlace,
  Ending,
  LastLine,
  Phase,
  Stop,
} from '../domain/ci-job.js';

/** A row of the table `ci_job`, as far as its life is concerned. Numbers of 64 bits come as text. */
export interface CiJobRow {
  readonly id: string;
  readonly gitlab: string;
  readonly gitlab_url: string;
  readonly runner: string;
  readonly project: string | null;
  readonly ci_job_id: string;
  readonly phase: Phase;
  readonly fields: CiJobFields;
  readonly sealed: string | null;
  readonly plan: string | null;
  readonly stop: Stop | null;
  readonly is_cancel_asked: boolean;
  readonly ending: Ending | null;
  readonly trace_bytes: string;
  readonly trace_crc: string;
  readonly trace_acked: string;
  readonly is_trace_cut: boolean;
  readonly is_trace_closed: boolean;
  readonly last_line: LastLine;
  readonly delivery: DeliveryPlace;
  readonly log_attempt: number;
  readonly log_offset: string;
  readonly traceparent: string | null;
  readonly received_at: Date;
  readonly finishing_at: Date | null;
}

/** A row as the rest of the bridge knows a job: numbers as numbers, what is null left out. */
export const recordOf = (row: CiJobRow): CiJobRecord => ({
  id: row.id,
  gitlab: row.gitlab,
  gitlabUrl: row.gitlab_url,
  runner: row.runner,
  project: row.project ?? undefined,
  ciJobId: Number(row.ci_job_id),
  fields: row.fields,
  sealed: row.sealed ?? undefined,
  receivedAt: row.received_at,
  traceparent: row.traceparent ?? undefined,
  phase: row.phase,
  plan: row.plan ?? undefined,
  stop: row.stop ?? undefined,
  isCancelAsked: row.is_cancel_asked,
  ending: row.ending ?? undefined,
  finishingAt: row.finishing_at ?? undefined,
  traceBytes: Number(row.trace_bytes),
  traceCrc: Number(row.trace_crc),
  traceAcked: Number(row.trace_acked),
  isTraceCut: row.is_trace_cut,
  isTraceClosed: row.is_trace_closed,
  lastLine: row.last_line,
  delivery: row.delivery,
  logAttempt: row.log_attempt,
  logOffset: Number(row.log_offset),
});

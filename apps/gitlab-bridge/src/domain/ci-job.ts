import type { PayloadOf, ciJobReceived } from '#contracts';

/**
 * Where a CI job is in its life: composed and handed in, worked at by the grid, its artifacts on their way to GitLab, its
 * end on its way, over.
 */
export type Phase = 'received' | 'working' | 'delivering' | 'finishing' | 'over';

/** Which job it is, as messages say it. */
export type CiJobFields = Omit<PayloadOf<typeof ciJobReceived>, 'at'>;

/** What GitLab wants: that the job ends in good order, or that nothing more is done or said. */
export type Stop = 'cancel' | 'stop';

/** How a job ended, for GitLab and for who else hears of it. */
export interface Ending {
  readonly state: 'success' | 'failed';
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'refused' | 'abandoned';
  /** GitLab's word. */
  readonly failureReason?: string | undefined;
  readonly exitCode?: number | undefined;
  /** Of its trace, at the end, that GitLab refused. */
  readonly lostTraceBytes?: number | undefined;
}

/**
 * How a trace's last line stands: it is ended, what comes next would be on it, or it is one of ours that what comes next
 * takes the place of.
 */
export type LastLine = 'ended' | 'open' | 'renewed';

/** How far the artifacts are on their way to GitLab, as the trace tells of it. */
export interface DeliveryPlace {
  /** Of each upload two things are told, in the order of the uploads: that it begins, and how it ended. */
  readonly told: number;
  /** What GitLab did not take, in words. */
  readonly refused?: string | undefined;
}

/** A CI job as it is kept. */
export interface CiJobRecord {
  readonly id: string;
  readonly gitlab: string;
  /** As it was when the job came: a job ends where it came from. */
  readonly gitlabUrl: string;
  readonly runner: string;
  /** Absent: the project is not registered here. */
  readonly project: string | undefined;
  readonly ciJobId: number;
  readonly fields: CiJobFields;
  /** The job as GitLab gave it; gone once it is over. */
  readonly sealed: string | undefined;
  readonly receivedAt: Date;
  readonly traceparent: string | undefined;
  phase: Phase;
  plan: string | undefined;
  stop: Stop | undefined;
  isCancelAsked: boolean;
  ending: Ending | undefined;
  finishingAt: Date | undefined;
  traceBytes: number;
  /** IEEE CRC32 of all of them. */
  traceCrc: number;
  /** Bytes that GitLab is known to have. */
  traceAcked: number;
  isTraceCut: boolean;
  /** Its last line is in it. */
  isTraceClosed: boolean;
  lastLine: LastLine;
  delivery: DeliveryPlace;
  /** Which attempt's log is being read, and its first byte that is not in the trace. */
  logAttempt: number;
  logOffset: number;
}

import { z } from 'zod';
import type { BatchReport } from '../../backend.js';
import { reportOf } from './job-report.js';

const text = z.string().optional().catch(undefined);
const number = z.number().optional().catch(undefined);

const jobEvent = z.object({
  MyType: z.string(),
  Cluster: z.int(),
  Proc: z.int().nonnegative(),
  /** Of the schedd's clock; without a zone it is the machine's. */
  EventTime: z.string(),
  SlotName: text,
  Reason: text,
  HoldReason: text,
  HoldReasonCode: number,
  HoldReasonSubCode: number,
  ReturnValue: number,
  TerminatedBySignal: number,
  TotalRemoteUsage: text,
  MemoryUsage: number,
  DiskUsage: number,
  /** "Ticket of execution": how it ended, where a job that had ended is removed. */
  ToE: z.object({ HowCode: z.int(), ExitCode: number, ExitSignal: number }).optional().catch(undefined),
});

type JobEvent = z.output<typeof jobEvent>;

/** The attributes that a job in the queue would have; `seconds` is the event's time, since the epoch. */
type AdOf = (event: JobEvent, seconds: number) => object;

const ended = (
  { TotalRemoteUsage, MemoryUsage, DiskUsage }: JobEvent,
  seconds: number,
  { code, signal }: { readonly code: number | undefined; readonly signal: number | undefined },
): object => ({
  JobStatus: 4,
  ExitCode: code,
  ExitBySignal: signal !== undefined,
  ExitSignal: signal,
  CompletionDate: seconds,
  RemoteUserCpu: cpuSeconds(TotalRemoteUsage),
  ...(MemoryUsage !== undefined && { ResidentSetSize: MemoryUsage * 1_024 }),
  DiskUsage,
});

/** Each event that says which state a job is in, as the queue would say it. Its own accord has the code 0. */
const adOf: Readonly<Record<string, AdOf>> = {
  SubmitEvent: () => ({ JobStatus: 1 }),
  ExecuteEvent: ({ SlotName }, seconds) => ({
    JobStatus: 2,
    RemoteHost: SlotName,
    JobCurrentStartExecutingDate: seconds,
  }),
  JobSuspendedEvent: () => ({ JobStatus: 7 }),
  JobUnsuspendedEvent: () => ({ JobStatus: 2 }),
  JobHeldEvent: ({ HoldReason, HoldReasonCode, HoldReasonSubCode }) => ({
    JobStatus: 5,
    HoldReason,
    HoldReasonCode,
    HoldReasonSubCode,
  }),
  JobTerminatedEvent: (event, seconds) =>
    ended(event, seconds, { code: event.ReturnValue, signal: event.TerminatedBySignal }),
  JobAbortedEvent: (event, seconds) =>
    event.ToE?.HowCode === 0
      ? ended(event, seconds, { code: event.ToE.ExitCode, signal: event.ToE.ExitSignal })
      : { JobStatus: 3, RemoveReason: event.Reason, EnteredCurrentStatus: seconds },
};

/**
 * What a log's events say of jobs, whosever they are, one report for each: how it is after the last of them. An end that a
 * job came to by itself stays its end when it is removed.
 */
export function reportsOfEvents(events: readonly unknown[]): readonly BatchReport[] {
  const reports = new Map<string, BatchReport>();
  for (const event of events) {
    const report = reportOfEvent(event);
    if (!report) continue;
    const known = reports.get(report.batchId);
    if (known?.state !== 'ended') reports.set(report.batchId, known ? merged(known, report) : report);
  }
  return [...reports.values()];
}

function reportOfEvent(value: unknown): BatchReport | undefined {
  const event = jobEvent.safeParse(value).data;
  const ad = event && adOf[event.MyType];
  if (!ad) return undefined;
  const seconds = Date.parse(event.EventTime) / 1_000;
  const { Cluster: ClusterId, Proc: ProcId } = event;
  const report = reportOf({ ClusterId, ProcId, ...ad(event, Number.isNaN(seconds) ? 0 : seconds) });
  if (report?.state === 'ended') return report;
  // What a job takes is known at its end.
  return report && { ...report, usage: undefined };
}

const merged = (known: BatchReport, { node, startedAt, ...report }: BatchReport): BatchReport => ({
  ...report,
  node: node ?? known.node,
  startedAt: startedAt ?? known.startedAt,
});

/** `Usr 1 00:02:03, Sys 0 00:00:04`: days, hours, minutes, seconds. */
function cpuSeconds(usage = ''): number {
  const times = usage.matchAll(/(\d+) (\d+):(\d+):(\d+)/g);
  return [...times].reduce((sum, [, days, hours, minutes, seconds]) => {
    const [d, h, m, s] = [days, hours, minutes, seconds].map(Number) as [number, number, number, number];
    return sum + ((d * 24 + h) * 60 + m) * 60 + s;
  }, 0);
}

import type { JobTemplate } from '#contracts';

/** What there is to give to jobs: the cores and the memory of the whole machine. */
export interface Machine {
  /** Numbers of the cores. */
  readonly cores: readonly number[];
  readonly memoryBytes: number;
}

/** A job as the queue sees it. */
export interface QueuedJob {
  readonly id: string;
  readonly submission: string;
  readonly resources: JobTemplate['resources'];
  readonly priority: number;
  readonly submittedAt: string;
  readonly index: number;
  readonly runningAtOnce: number | undefined;
}

/** What a job holds until it ends: its cores, and as much memory as it asked for. */
export interface RunningJob {
  readonly submission: string;
  readonly cores: readonly number[];
  readonly memoryBytes: number;
}

/** A job that is to begin now. */
export interface Start {
  readonly job: QueuedJob;
  /** The cores that are its own while it runs. */
  readonly cores: readonly number[];
}

/**
 * Which waiting jobs begin now: higher priority first, then who came first. Nobody passes a job that does not fit, and
 * nothing runs beyond the machine.
 */
export function startsOf(
  machine: Machine,
  waiting: readonly QueuedJob[],
  running: readonly RunningJob[],
): readonly Start[] {
  const used = new Set(running.flatMap(({ cores }) => cores));
  let free = machine.cores.filter((core) => !used.has(core));
  let memory = machine.memoryBytes - running.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  const ofSubmission = new Map<string, number>();
  for (const { submission } of running) ofSubmission.set(submission, (ofSubmission.get(submission) ?? 0) + 1);
  const starts: Start[] = [];
  for (const job of [...waiting].sort(before)) {
    const { cpus, memoryBytes } = job.resources;
    const beside = ofSubmission.get(job.submission) ?? 0;
    if (beside >= (job.runningAtOnce ?? Infinity)) continue;
    // The first one that does not fit keeps its place: else a wide job would wait for ever behind narrow ones.
    if (cpus > free.length || memoryBytes > memory) break;
    starts.push({ job, cores: free.slice(0, cpus) });
    free = free.slice(cpus);
    memory -= memoryBytes;
    ofSubmission.set(job.submission, beside + 1);
  }
  return starts;
}

const before = (a: QueuedJob, b: QueuedJob): number =>
  b.priority - a.priority || a.submittedAt.localeCompare(b.submittedAt) || a.index - b.index;

/** What a job wants that the machine does not have; undefined where it fits. */
export function tooMuch(
  machine: Machine,
  { cpus, memoryBytes }: JobTemplate['resources'],
): string | undefined {
  if (cpus > machine.cores.length) return `wants ${cpus} cores; this machine has ${machine.cores.length}`;
  if (memoryBytes > machine.memoryBytes)
    return `wants ${memoryBytes} bytes of memory; this machine has ${machine.memoryBytes}`;
  return undefined;
}

import { toAppError } from '#errors';
import type { BatchReport } from '../../backend.js';
import { sigkill } from './report-of.js';

/** Where it may stand what a job was killed for. */
export interface CauseSource {
  /** What Slurm printed into the job's output; undefined where that does not come here. */
  printed(batchId: string): Promise<string | undefined>;
  /** What the accounting says of these now; undefined where there is none. */
  accounted(batchIds: readonly string[]): Promise<readonly BatchReport[] | undefined>;
}

/** The accounting hears of an end a moment later, or is away; then the kill is told without its cause. */
const waitsMs = 60_000;

/** As slurmstepd says it at the end of a job's output. */
const tooMuch = /^slurmstepd\S*: error: (.*(?:exceeded (?:job |step )?memory limit|oom[-_ ]kill).*)$/im;

/**
 * What jobs were killed for. A Slurm that watches over memory without control groups (`OverMemoryKill`) lists such a job
 * as FAILED by signal 9, as one that was killed by itself: the cause stands in the job's output and in the accounting.
 */
export class KillCauses {
  readonly #now: () => number;
  #known = new Map<string, BatchReport>();
  #since = new Map<string, number>();

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The same reports, with the causes in them; what may still be found out is said to run. */
  async in(
    reports: readonly BatchReport[],
    open: ReadonlySet<string>,
    source: CauseSource,
  ): Promise<readonly BatchReport[]> {
    const killed = reports.filter(({ batchId, signal }) => signal === sigkill && open.has(batchId));
    const known = new Map<string, BatchReport>();
    for (const report of killed) {
      const told = this.#known.get(report.batchId) ?? (await printedCause(report, source));
      if (told !== undefined) known.set(report.batchId, told);
    }
    const asked = killed.filter(({ batchId }) => !known.has(batchId));
    const since = new Map(asked.map(({ batchId }) => [batchId, this.#since.get(batchId) ?? this.#now()]));
    for (const [batchId, report] of await this.#accounted(asked, since, source)) known.set(batchId, report);
    this.#known = known;
    this.#since = since;
    return reports.map((report) => {
      const { batchId } = report;
      if (!since.has(batchId) && !known.has(batchId)) return report;
      return known.get(batchId) ?? { batchId, state: 'running', node: report.node };
    });
  }

  /** Those of which it is known by now. */
  async #accounted(
    asked: readonly BatchReport[],
    since: ReadonlyMap<string, number>,
    source: CauseSource,
  ): Promise<ReadonlyMap<string, BatchReport>> {
    if (asked.length === 0) return new Map();
    const told = await source
      .accounted(asked.map(({ batchId }) => batchId))
      .catch((error: unknown) => (toAppError(error).temporary ? [] : Promise.reject(error)));
    return new Map(
      asked.flatMap((report): [string, BatchReport][] => {
        const { batchId } = report;
        if (told === undefined) return [[batchId, report]];
        const one = told.find((other) => other.batchId === batchId);
        if (one?.state === 'gone') return [[batchId, { ...report, ...one, signal: undefined }]];
        const isLate = this.#now() >= (since.get(batchId) ?? 0) + waitsMs;
        return one?.state === 'ended' || isLate ? [[batchId, report]] : [];
      }),
    );
  }
}

async function printedCause(report: BatchReport, source: CauseSource): Promise<BatchReport | undefined> {
  const [, words] = tooMuch.exec((await source.printed(report.batchId)) ?? '') ?? [];
  if (words === undefined) return undefined;
  return { ...report, state: 'gone', signal: undefined, reason: { fault: 'memory-exceeded', words } };
}

import type { JobFault } from '#contracts';
import { countsText, type Progress, stateColours } from './progress-line.js';
import { columns, oneLine, painted, shortened, size, span } from './terminal.js';

/** A job that did not do what it was to do. */
export interface FailedJob {
  readonly key: string;
  readonly state: 'failed' | 'lost' | 'cancelled';
  readonly fault?: JobFault | undefined;
  readonly words?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: number | undefined;
  readonly node?: string | undefined;
  readonly attempts: number;
  /** Its page. */
  readonly url?: string | undefined;
}

/** What a group came to. */
export interface GroupSummary extends Progress {
  /** Those that did not succeed, in their order; maybe not all of them. */
  readonly failed: readonly FailedJob[];
  readonly cpuSeconds?: number | undefined;
  readonly outputBytes: number;
  readonly logLines: number;
  /** The page of the group. */
  readonly url?: string | undefined;
}

/** As many lines as a log can carry without anybody scrolling past the end of it. */
export const mostFailedShown = 50;

const keyWidth = 48;
const reasonWidth = 60;

/** The end of a fan-out as a table: counts, sums, and who failed why. Lines end with \n. */
export function summaryOf(summary: GroupSummary): string {
  const { jobs, since, at, cpuSeconds, outputBytes, logLines, url } = summary;
  const sums = [
    span((at.getTime() - since.getTime()) / 1_000),
    ...(cpuSeconds === undefined ? [] : [`${span(cpuSeconds)} of CPU`]),
    `${size(outputBytes)} brought back`,
    `${logLines} ${logLines === 1 ? 'line' : 'lines'} of log`,
  ];
  const lines = [
    `${painted('bold', `${jobs} ${jobs === 1 ? 'job' : 'jobs'}`)}: ${countsText(summary, painted)}`,
    sums.join(' · '),
    ...failedLines(summary),
    ...(url === undefined ? [] : [`All of them, with their logs: ${url}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function failedLines({ jobs, states, failed }: GroupSummary): readonly string[] {
  const failures = jobs - (states.succeeded ?? 0);
  if (failures === 0 || failed.length === 0) return [];
  const shown = failed.slice(0, mostFailedShown);
  const hasPages = shown.some(({ url }) => url !== undefined);
  const header = ['ITEM', 'STATE', 'EXIT', 'NODE', 'TRIES', 'REASON', ...(hasPages ? ['PAGE'] : [])];
  const [head = '', ...rows] = columns([header, ...shown.map((job) => rowOf(job, hasPages))]);
  const more = failures - shown.length;
  return [
    '',
    ...byReason(failed, failures),
    painted('bold', head),
    ...rows.map((row, index) => painted(stateColours[shown[index]?.state ?? 'failed'], row)),
    ...(more > 0 ? [`… and ${more} more`] : []),
    '',
  ];
}

const rowOf = (job: FailedJob, hasPages: boolean): readonly string[] => [
  shortened(oneLine(job.key), keyWidth),
  job.state,
  exitText(job),
  shortened(oneLine(job.node ?? '-'), 32),
  String(job.attempts),
  shortened(reasonText(job), reasonWidth),
  ...(hasPages ? [job.url ?? ''] : []),
];

function exitText({ exitCode, signal }: FailedJob): string {
  if (signal !== undefined) return `signal ${signal}`;
  return exitCode === undefined ? '-' : String(exitCode);
}

const reasonText = ({ fault, words }: FailedJob): string =>
  [fault, words === undefined ? undefined : oneLine(words)].filter(Boolean).join(': ') || '-';

/** What most of them have in common, where they are too many to read. */
function byReason(failed: readonly FailedJob[], failures: number): readonly string[] {
  if (failures <= 5) return [];
  const counts = new Map<string, number>();
  for (const job of failed) {
    const why = [job.fault ?? job.state, job.exitCode === undefined ? '' : `exit code ${job.exitCode}`]
      .filter((part) => part !== '')
      .join(', ');
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, one], [, two]) => two - one).slice(0, 8);
  const of = failed.length < failures ? `of the first ${failed.length} ` : '';
  return [
    `Why ${of}they did not succeed: ${sorted.map(([why, count]) => `${count} × ${why}`).join('; ')}`,
    '',
  ];
}

/** The exit code of a CI job over many: the one that all of its failed jobs share, else 1. For `allow_failure:exit_codes`. */
export function sharedExitCode(failed: readonly FailedJob[]): number {
  const codes = new Set(failed.map(({ exitCode = 1 }) => exitCode));
  const [code = 1] = codes;
  return codes.size === 1 && code !== 0 ? code : 1;
}

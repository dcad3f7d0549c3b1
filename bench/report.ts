import { cpus, totalmem } from 'node:os';

/** What a bench was told cannot be measured; its message says why. */
export class Misuse extends Error {}

/** A bar that a ratio must keep, e.g. at least 0.9 of the peer's rate or at most 1.4 of its CPU time. */
export interface Bar {
  readonly case: string;
  readonly metric: string;
  readonly peer: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** One line of the table: a figure of ours, the median of its rounds where there are several. */
export interface Row {
  readonly case: string;
  readonly metric: string;
  readonly unit: string;
  readonly ours: number;
  /** The same figure of each peer, measured side by side in the same run. */
  readonly beside: Readonly<Record<string, number>>;
  /** ours / peer. */
  readonly ratio: Readonly<Record<string, number>>;
}

/** What `bench/results/<name>.json` holds: figures mean something only together with their machine. */
export interface Report {
  readonly name: string;
  /** ISO 8601. */
  readonly when: string;
  readonly machine: string;
  readonly rows: readonly Row[];
}

/** What `bench/<name>.bench.ts` exports as `bench`. */
export interface Bench {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** Measures everything, peers included, and hands back finished rows. `args` are the words after the name. */
  measure(args: readonly string[]): Promise<readonly Row[]>;
}

/** One measurement: the figures of one contestant in one round, by metric. */
export type Figures = Readonly<Record<string, number>>;

/** Of an even number the mean of the middle two; of none, NaN, which no bar takes for kept. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** One case of a bench. A contestant's function is one measurement, and clears away what the next would feel. */
export interface SideBySide {
  readonly case: string;
  /** Metric → unit; which of the figures become rows. */
  readonly units: Readonly<Record<string, string>>;
  /** At least 3, so that the median means something. */
  readonly rounds: number;
  readonly ours: () => Promise<Figures>;
  readonly peers: Readonly<Record<string, () => Promise<Figures>>>;
}

/**
 * Runs ours and each peer in turn, `rounds` times, the order reversed in every second round so that nobody always
 * runs on the warmer machine, and reports the medians.
 */
export async function sideBySide(plan: SideBySide): Promise<Row[]> {
  const contestants: [string, () => Promise<Figures>][] = [
    ['slipway', plan.ours],
    ...Object.entries(plan.peers),
  ];
  const seen = new Map<string, Figures[]>(contestants.map(([name]) => [name, []]));
  for (let round = 0; round < plan.rounds; round++) {
    for (const [name, run] of round % 2 === 0 ? contestants : contestants.toReversed()) {
      const figures = await run();
      seen.get(name)?.push(figures);
      const line = Object.keys(plan.units).map((metric) => `${metric} ${figure(figures[metric] ?? NaN)}`);
      console.error(`  ${plan.case} · round ${round + 1}/${plan.rounds} · ${name}: ${line.join(', ')}`);
    }
  }
  const of = (name: string, metric: string): number =>
    median((seen.get(name) ?? []).map((figures) => figures[metric] ?? NaN));
  return Object.entries(plan.units).map(([metric, unit]) => {
    const beside = Object.fromEntries(Object.keys(plan.peers).map((peer) => [peer, of(peer, metric)]));
    return row(plan.case, metric, unit, of('slipway', metric), beside);
  });
}

/** A row with its ratios worked out. */
export function row(
  caseName: string,
  metric: string,
  unit: string,
  ours: number,
  beside: Readonly<Record<string, number>>,
): Row {
  const ratio = Object.fromEntries(
    Object.entries(beside).map(([peer, value]) => [peer, round3(ours / value)]),
  );
  return { case: caseName, metric, unit, ours, beside, ratio };
}

/** What was measured on; it stands before the figures and in the report. */
export function machineLine(): string {
  const cores = cpus();
  return `${cores.length} × ${cores[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

/** `kept`, `missed`, or `undefined` where no row answers the bar. */
export function judge(bar: Bar, rows: readonly Row[]): 'kept' | 'missed' | undefined {
  const ratio = rows.find((r) => r.case === bar.case && r.metric === bar.metric)?.ratio[bar.peer];
  if (ratio === undefined || Number.isNaN(ratio)) return undefined;
  const low = bar.atLeast !== undefined && ratio < bar.atLeast;
  const high = bar.atMost !== undefined && ratio > bar.atMost;
  return low || high ? 'missed' : 'kept';
}

/** For the terminal: a line for each row and peer, with its bar, if it has one, and whether that was kept. */
export function table(report: Report, bars: readonly Bar[]): string {
  const head = ['case', 'metric', 'unit', 'ours', 'peer', 'peer’s', 'ratio', 'bar', ''];
  const lines = report.rows.flatMap((r) => {
    const peers = Object.keys(r.beside);
    if (peers.length === 0) return [[r.case, r.metric, r.unit, figure(r.ours), '', '', '', '', '']];
    return peers.map((peer) => {
      const bar = bars.find((b) => b.case === r.case && b.metric === r.metric && b.peer === peer);
      const limit = bar?.atLeast === undefined ? bar?.atMost : bar.atLeast;
      return [
        r.case,
        r.metric,
        r.unit,
        figure(r.ours),
        peer,
        figure(r.beside[peer] ?? NaN),
        times(r.ratio[peer]),
        bar ? `${bar.atLeast === undefined ? '≤' : '≥'} ${limit}×` : '',
        bar ? (judge(bar, report.rows) ?? 'no figure') : '',
      ];
    });
  });
  const rows = [head, ...lines];
  const widths = head.map((_, i) => Math.max(...rows.map((cells) => cells[i]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const round3 = (value: number): number => Math.round(value * 1000) / 1000;

/** What is not measured has no ratio either. */
const times = (ratio = NaN): string => (Number.isNaN(ratio) ? '–' : `${ratio.toFixed(2)}×`);

function figure(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(round3(value));
}

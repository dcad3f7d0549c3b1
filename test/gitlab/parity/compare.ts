import { isDeepStrictEqual } from 'node:util';
import { type JobOutcome } from './outcome.js';
import { type ParityCase } from './parity-job.js';
import { type CaseOutcomes } from './site.js';

/** How one job went here and there. */
export interface Comparison {
  readonly job: string;
  readonly official: JobOutcome | undefined;
  readonly slipway: JobOutcome | undefined;
  /** The fields that are not the same. */
  readonly different: readonly (keyof JobOutcome)[];
  /** Why it differs as it is meant to; it is then as the case's `unlike` has it. */
  readonly meant: string | undefined;
}

/** What Slipway has to make of a case where the official runner made this of it. */
export function expectedOf({ unlike }: ParityCase, official: CaseOutcomes): CaseOutcomes {
  return Object.fromEntries(
    Object.entries(official).map(([job, outcome]) => [job, { ...outcome, ...unlike?.outcomes[job] }]),
  );
}

/** A row for each job, those among them that only one of the two had. */
export function compare(
  each: ParityCase,
  official: CaseOutcomes,
  slipway: CaseOutcomes,
): readonly Comparison[] {
  const expected = expectedOf(each, official);
  const jobs = new Set([...Object.keys(official), ...Object.keys(slipway)]);
  return [...jobs].map((job) => ({
    job,
    official: official[job],
    slipway: slipway[job],
    different: fields.filter((field) => !isDeepStrictEqual(expected[job]?.[field], slipway[job]?.[field])),
    meant: each.unlike?.outcomes[job] ? each.unlike.why : undefined,
  }));
}

const fields = [
  'state',
  'exitCode',
  'failureReason',
  'allowedToFail',
  'artifacts',
  'output',
] as const satisfies readonly (keyof JobOutcome)[];

/** A line of the table: of each field what both have, or what each has. */
export function rowOf(name: string, comparison: Comparison): string {
  const { job, official, slipway, different, meant } = comparison;
  const cell = (field: keyof JobOutcome, shown: (outcome: JobOutcome) => string): string => {
    if (different.includes(field))
      return `${official ? shown(official) : '-'} <> ${slipway ? shown(slipway) : '-'}`;
    return official ? shown(official) : '-';
  };
  const cells = [
    job === 'job' ? name : `${name}: ${job}`,
    cell('state', ({ state, allowedToFail }) => (allowedToFail ? `${state}, allowed` : state)),
    cell('exitCode', ({ exitCode }) => String(exitCode ?? '-')),
    cell('failureReason', ({ failureReason }) => failureReason ?? '-'),
    cell('artifacts', ({ artifacts }) =>
      String(Object.values(artifacts).reduce((sum, { files }) => sum + Object.keys(files).length, 0)),
    ),
    cell('output', ({ output }) => `${output.length} lines`),
    different.length > 0
      ? `DIFFERENT: ${different.join(', ')}`
      : meant
        ? `unlike as meant: ${meant}`
        : 'equal',
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The head of the Markdown table that rows go below. */
export const tableHead = [
  '| case | state | exit code | reason | files | output | |',
  '| --- | --- | --- | --- | --- | --- | --- |',
] as const;

/** The differing fields of a job in full, the official runner's first. */
export function detailOf({ official, slipway, different }: Comparison): string {
  return different
    .flatMap((field) => [
      `  ${field}, official: ${JSON.stringify(official?.[field])}`,
      `  ${field}, Slipway:  ${JSON.stringify(slipway?.[field])}`,
    ])
    .join('\n');
}

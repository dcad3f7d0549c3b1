import type { CiJob } from '#gitlab';
import { ciVariables, type ComposingContext } from '../composing/index.js';
import type { FanOut, Over, Refusal } from './fan-out.js';
import { fanOutOf } from './fan-out-of.js';
import type { StageName } from './next-stage.js';

/** Where the list lies among what the stage `list` brings back. */
export const listOutput = 'slipway-fan-out/list';

/** Where the merging finds what each item brought back, in the sources and in the directory of its job. */
export const itemsDirectory = 'slipway-items';

/** What a CI job fans out over, as its variables say; undefined where it does not. */
export function fanOutOfJob(
  job: CiJob,
  context: Pick<ComposingContext, 'runner' | 'gitlab'>,
): FanOut | Refusal | undefined {
  const variables: Readonly<Record<string, string>> = Object.fromEntries(
    job.variables.map(({ key, value }) => [key, value]),
  );
  if (!Object.keys(variables).some((name) => name.startsWith('SLIPWAY_FANOUT'))) return undefined;
  const known = ciVariables(job, { ...context, project: '' });
  return fanOutOf(variables, (text) => known.expanded(text));
}

/**
 * The CI job that a stage is, in place of all of it: composed as any other. Long lists and scripts do not go along as
 * variables, for a program's environment has room for 128 KiB of each.
 */
export function stageJob(job: CiJob, { over, setUp, merge }: FanOut, stage: StageName): CiJob {
  const variables = job.variables.filter(({ key }) => !scripts.includes(key));
  const before = setUp === undefined ? [] : [setUp];
  const alone = (script: readonly string[]): CiJob['steps'] => [
    { name: 'script', script: [...script], timeout: 0, when: 'on_success', allow_failure: false },
  ];
  if (stage === 'work') return { ...job, variables, steps: job.steps.map((step) => beginning(step, before)) };
  if (stage === 'merge') return { ...job, variables, steps: alone([...before, linkToItems, merge ?? '']) };
  const first = over.kind === 'command' ? before : [];
  return { ...job, variables, steps: alone([...first, ...listScript(over)]), artifacts: [], cache: [] };
}

const scripts = ['SLIPWAY_FANOUT', 'SLIPWAY_FANOUT_SETUP', 'SLIPWAY_FANOUT_MERGE'];

const beginning = (step: CiJob['steps'][number], before: readonly string[]): CiJob['steps'][number] =>
  step.name === 'script' ? { ...step, script: [...before, ...step.script] } : step;

/** The inputs of a job lie beside its sources: its script finds them as if they were among these. */
const linkToItems = `ln -s "$SLIPWAY_WORK_DIRECTORY/${itemsDirectory}" ${itemsDirectory}`;

function listScript(over: Over): readonly string[] {
  const list = `"$SLIPWAY_WORK_DIRECTORY/${listOutput}"`;
  const directory = `mkdir -p "$SLIPWAY_WORK_DIRECTORY/${listOutput.slice(0, listOutput.lastIndexOf('/'))}"`;
  if (over.kind === 'file')
    return [directory, `cp -- '${over.path.replaceAll("'", String.raw`'\''`)}' ${list}`];
  return over.kind === 'command' ? [directory, `(\n${over.script}\n) >${list}`] : [];
}

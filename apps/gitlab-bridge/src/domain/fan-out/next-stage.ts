import type { stateCounts } from '#contracts';
import type { z } from 'zod';
import { allowedFailuresText, mostFailures } from './allowed-failures.js';
import { type FanOut, isRefusal, type Item, type Refusal } from './fan-out.js';

/** `list` finds out the items, `work` has a job for each, `merge` makes one of what they brought back. */
export type StageName = 'list' | 'work' | 'merge';

/** How many jobs are in each state, as `group.progressed` tells; states without a job may be missing. */
export type Counts = z.output<typeof stateCounts>;

/** A group on the grid that does a part of a CI job. */
export interface Stage {
  readonly name: StageName;
  readonly jobs: number;
  /** By state, each job by its latest attempt; what was last heard. */
  readonly states: Counts;
  /** How its group ended; absent while it has not. */
  readonly outcome?: 'succeeded' | 'failed' | 'cancelled' | 'refused' | undefined;
  /** Why the grid would not take it. */
  readonly refusal?: string | undefined;
  /** Its end was asked for, by whomever. */
  readonly isStopping?: boolean | undefined;
}

/** All that the next step of a CI job is decided by. */
export interface SoFar {
  /** Absent for a job that does not fan out: it has one stage, `work`, of one job. */
  readonly fanOut?: FanOut | undefined;
  readonly stages: readonly Stage[];
  /** What the stage `list` printed, once somebody has read it. */
  readonly list?: readonly Item[] | Refusal | undefined;
  /** GitLab wants no more of this job. */
  readonly isCancelled: boolean;
}

/** What comes of a CI job. */
export type Ending =
  | { readonly state: 'success'; readonly words?: string | undefined }
  | { readonly state: 'cancelled' }
  | {
      readonly state: 'failed';
      /** Whose exit code and fault say why; absent: the words do. */
      readonly decidedBy?: StageName | undefined;
      readonly words: string;
    };

/** What there is to do now; whoever does it asks again afterwards. */
export type Next =
  | { readonly do: 'wait' }
  | { readonly do: 'submit'; readonly stage: 'list' | 'merge' }
  | { readonly do: 'submit'; readonly stage: 'work'; readonly items?: readonly Item[] | undefined }
  /** Fetch what `list` brought back, and ask again. */
  | { readonly do: 'read-list' }
  /** End the group of this stage; it is waited for. */
  | { readonly do: 'stop'; readonly stage: StageName; readonly words: string }
  | { readonly do: 'finish'; readonly ending: Ending };

/**
 * What to do next with a CI job. The same state of things always gives the same answer, so that whoever takes a job over
 * goes on where the other stopped.
 */
export function nextStage(soFar: SoFar): Next {
  const { fanOut, stages, isCancelled } = soFar;
  const running = stages.find(({ outcome }) => outcome === undefined);
  if (running) return whileRunning(running, soFar);
  const refused = stages.find(({ outcome }) => outcome === 'refused');
  if (refused) return failed(refused.refusal ?? 'the grid did not take it');
  if (isCancelled) return { do: 'finish', ending: { state: 'cancelled' } };
  const over = (name: StageName): Stage | undefined => stages.find((stage) => stage.name === name);
  const work = over('work');
  if (!work) return beforeWork(over('list'), soFar);
  if (!fanOut) return afterOnly(work);
  const failures = failuresOf(work);
  const policy = allowedFailuresText(fanOut.allowedFailures, work.jobs);
  if (failures > mostFailures(fanOut.allowedFailures, work.jobs))
    return failed(`${failures} of ${work.jobs} jobs did not succeed; ${policy}`, 'work');
  const words = failures === 0 ? undefined : `${failures} of ${work.jobs} jobs did not succeed; ${policy}`;
  if (fanOut.merge === undefined) return { do: 'finish', ending: { state: 'success', words } };
  const merge = over('merge');
  if (merge) return afterMerge(merge, words);
  if (failures === work.jobs) return failed('no job succeeded: there is nothing to merge', 'work');
  return { do: 'submit', stage: 'merge' };
}

/** Jobs of a stage that is over and that did not do what they were to do, whoever's fault it was. */
const failuresOf = ({ jobs, states }: Pick<Stage, 'jobs' | 'states'>): number =>
  jobs - (states.succeeded ?? 0);

function whileRunning(stage: Stage, { fanOut, isCancelled }: SoFar): Next {
  if (stage.isStopping) return { do: 'wait' };
  if (isCancelled) return { do: 'stop', stage: stage.name, words: 'cancelled in GitLab' };
  if (stage.name !== 'work' || !fanOut?.stopEarly) return { do: 'wait' };
  const { failed: ended = 0, lost = 0, cancelled = 0 } = stage.states;
  const failures = ended + lost + cancelled;
  if (failures <= mostFailures(fanOut.allowedFailures, stage.jobs)) return { do: 'wait' };
  const policy = allowedFailuresText(fanOut.allowedFailures, stage.jobs);
  return {
    do: 'stop',
    stage: 'work',
    words: `${failures} of ${stage.jobs} jobs did not succeed; ${policy}: the rest is cancelled`,
  };
}

function beforeWork(list: Stage | undefined, { fanOut, list: read }: SoFar): Next {
  if (!fanOut) return { do: 'submit', stage: 'work' };
  if (fanOut.over.kind === 'list') return { do: 'submit', stage: 'work', items: fanOut.over.items };
  if (!list) return { do: 'submit', stage: 'list' };
  if (list.outcome !== 'succeeded') return failed('the list that it fans out over could not be made', 'list');
  if (!read) return { do: 'read-list' };
  return isRefusal(read) ? failed(read.refused) : { do: 'submit', stage: 'work', items: read };
}

/** A job that does not fan out is what its only grid job is; words are for who cancelled it on the grid. */
function afterOnly({ outcome }: Stage): Next {
  if (outcome === 'succeeded') return { do: 'finish', ending: { state: 'success' } };
  return failed(outcome === 'cancelled' ? 'it was cancelled on the grid' : 'its grid job failed', 'work');
}

function afterMerge({ outcome }: Stage, words: string | undefined): Next {
  if (outcome === 'succeeded') return { do: 'finish', ending: { state: 'success', words } };
  return failed(outcome === 'cancelled' ? 'merging was cancelled on the grid' : 'merging failed', 'merge');
}

const failed = (words: string, decidedBy?: StageName): Next => ({
  do: 'finish',
  ending: { state: 'failed', words, decidedBy },
});

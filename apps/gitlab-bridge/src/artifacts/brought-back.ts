import { itemDirectories } from '#contracts';
import type { Brought } from './artifact-delivery.js';

/** A grid job, as far as it is asked what it brought back. */
export interface JobOfStage {
  readonly index: number;
  /** What people call it, e.g. the dataset. */
  readonly key: string;
  /** Of its latest attempt. */
  readonly attemptId: string;
}

/** Whoever knows the jobs of a group. */
export interface JobsSource {
  /** @throws AppError where nobody answers */
  jobs(query: { readonly group: string }, most: number): Promise<readonly JobOfStage[]>;
}

/** A group that the CI job had on the grid, and how many jobs the ledger is to be asked for. */
export interface StageToGather {
  readonly name: string;
  readonly groupId: string;
  readonly jobs: number;
}

/**
 * Which grid jobs a CI job's artifacts are made of: of one that does not fan out its only job; else each item's job, in
 * a directory that is named by its key, and what the merging made, which lies beside them or, where that is asked for,
 * alone.
 *
 * @param gathered absent: the job does not fan out
 */
export async function broughtBack(
  source: JobsSource,
  stages: readonly StageToGather[],
  gathered: 'all' | 'merged' | undefined,
): Promise<readonly Brought[]> {
  const of = async (name: string): Promise<readonly JobOfStage[]> => {
    const stage = stages.find((one) => one.name === name);
    return stage ? source.jobs({ group: stage.groupId }, stage.jobs) : [];
  };
  const alone = (await of(gathered === undefined ? 'work' : 'merge')).map(({ attemptId }) => ({ attemptId }));
  if (gathered !== 'all') return alone;
  const items = [...(await of('work'))].sort((one, two) => one.index - two.index);
  const directories = itemDirectories(items.map(({ key }) => key));
  // Of a name that comes twice the first one counts: that of the merging, which is at the top.
  return [...alone, ...items.map(({ attemptId }, place) => ({ attemptId, under: directories[place] }))];
}

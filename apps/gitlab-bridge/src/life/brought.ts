import { itemDirectories } from '#contracts';
import { attemptIdOf, jobIdOf } from '#grid';
import type { Brought } from '../artifacts/index.js';
import type { Stage } from '../domain/stage-news.js';
import type { CurrentLife } from './current-life.js';

/**
 * What the grid jobs of a CI job brought back, in the order in which it lies in the artifacts: of one that fans out each
 * item's in a directory of its own, and beside them what the merging made.
 * @throws AppError temporary where the ledger cannot be asked
 */
export async function broughtOf(life: CurrentLife): Promise<readonly Brought[]> {
  const { parts, record, fanOut } = life;
  const stages = await parts.stages.of(record.id);
  const named = (name: string): Stage | undefined => stages.find((stage) => stage.name === name);
  const work = named('work');
  if (!fanOut) return alone(work);
  const items = work && fanOut.artifacts === 'all' ? await ofItems(life, work) : [];
  return [...items, ...alone(named('merge'))];
}

const alone = (stage: Stage | undefined): readonly Brought[] => {
  const { attempt } = stage?.news ?? {};
  return stage && attempt ? [{ attemptId: attemptIdOf(jobIdOf(stage.groupId, 0), attempt.number) }] : [];
};

async function ofItems({ parts }: CurrentLife, { groupId, jobs }: Stage): Promise<readonly Brought[]> {
  const found = [...(await parts.monitor.jobs({ group: groupId }, jobs))].sort(
    (one, two) => one.index - two.index,
  );
  const directories = itemDirectories(found.map(({ key }) => key));
  return found.flatMap(({ id, attempt, outputBytes = 0 }, place): readonly Brought[] =>
    outputBytes === 0 ? [] : [{ attemptId: attemptIdOf(id, attempt), under: directories[place] }],
  );
}

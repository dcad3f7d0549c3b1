import { groupFinished, groupProgressed, type Message } from '#contracts';
import { addAllToOutbox, type OutboxEntry } from '#database';
import type { DataSource, EntityManager } from 'typeorm';
import { outcomeOf } from '../domain/outcome.js';
import {
  type ChangedGroup,
  countStates,
  type Progress,
  takeChanged,
  writeProgress,
} from '../storage/progress-rows.js';

const mostAtOnce = 200;

/**
 * Says how far groups are, at most once a second for each, and once when it is over. What is to be said is counted, not
 * added up, so that no row is fought for and nothing is ever off by one.
 */
export class GroupProgress {
  constructor(
    private readonly dataSource: DataSource,
    private readonly said: () => void,
  ) {}

  /** Says what is due. One copy at a time; the others have nothing to do. */
  async round(): Promise<void> {
    while ((await this.dataSource.transaction((manager) => this.say(manager))) === mostAtOnce);
  }

  private async say(manager: EntityManager): Promise<number> {
    const [lock] = await manager.query<{ held: boolean }[]>(
      `select pg_try_advisory_xact_lock(hashtext(current_schema() || '.progress')) as held`,
    );
    if (!lock?.held) return 0;
    const groups = await takeChanged(manager, mostAtOnce);
    if (groups.length === 0) return 0;
    const counts = await countStates(
      manager,
      groups.map(({ id }) => id),
    );
    const progress = groups.map(({ id }): Progress => {
      const states = counts.get(id) ?? {};
      return { id, states, outcome: outcomeOf(states) };
    });
    await writeProgress(manager, progress);
    const at = new Date().toISOString();
    const entries = groups.flatMap((group, place) => sayings(group, progress[place], at));
    await addAllToOutbox(manager, entries);
    this.said();
    return groups.length;
  }
}

function sayings(
  { id, finished_at, ...group }: ChangedGroup,
  progress: Progress | undefined,
  at: string,
): OutboxEntry<Message>[] {
  if (!progress) return [];
  const payload = { ...group, groupId: id, at, states: progress.states };
  const progressed = { message: groupProgressed, payload };
  const { outcome } = progress;
  if (outcome === undefined || finished_at) return [progressed];
  return [progressed, { message: groupFinished, payload: { ...payload, outcome } }];
}

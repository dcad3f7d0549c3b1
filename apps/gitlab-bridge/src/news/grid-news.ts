import { MicroBatch } from '#service';
import type { SayingOf, StageStore } from '../storage/stage.store.js';

/** Groups remembered as nobody's CI job. */
const mostStrangers = 20_000;

/** Notes what the grid says, one batch after another, so that the order in which it came stays. */
export class GridNews {
  private readonly batch = new MicroBatch<SayingOf>((sayings) => this.note(sayings));
  private strangers = new Set<string>();

  constructor(private readonly stages: StageStore) {}

  /** Resolves once it is noted, or known to be of no CI job. */
  add(said: SayingOf): Promise<void> {
    // A stage is in the database before its group is handed in: who was a stranger once stays one.
    if (this.strangers.has(said.groupId)) return Promise.resolve();
    return this.batch.add(said);
  }

  private async note(sayings: readonly SayingOf[]): Promise<void> {
    const ids = [...new Set(sayings.map(({ groupId }) => groupId))];
    const known = await this.stages.known(ids);
    if (this.strangers.size > mostStrangers) this.strangers.clear();
    for (const id of ids) if (!known.has(id)) this.strangers.add(id);
    const own = sayings.filter(({ groupId }) => known.has(groupId));
    if (own.length > 0) await this.stages.note(own);
  }
}

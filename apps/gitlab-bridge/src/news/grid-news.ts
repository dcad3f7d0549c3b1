import { MicroBatch } from '#service';
import { counts } from '../domain/stage-news.js';
import type { SayingOf, StageStore } from '../storage/stage.store.js';

/** Groups remembered as nobody's CI job, or as one that has many jobs. */
const mostRemembered = 20_000;

/** Notes what the grid says, one batch after another, so that the order in which it came stays. */
export class GridNews {
  private readonly batch = new MicroBatch<SayingOf>((sayings) => this.note(sayings));
  private readonly strangers = new Set<string>();
  private readonly ofMany = new Map<string, number>();

  constructor(private readonly stages: Pick<StageStore, 'known' | 'note'>) {}

  /** Resolves once it is noted, or known to be of no CI job. */
  add(said: SayingOf): Promise<void> {
    // A stage is in the database before its group is handed in: who was a stranger once stays one.
    if (this.strangers.has(said.groupId)) return Promise.resolve();
    // Nor does the number of its jobs change: thousands of words need not be brought to the database to be left there.
    const jobs = this.ofMany.get(said.groupId);
    if (jobs !== undefined && !counts(said.saying, jobs)) return Promise.resolve();
    return this.batch.add(said);
  }

  private async note(sayings: readonly SayingOf[]): Promise<void> {
    const ids = [...new Set(sayings.map(({ groupId }) => groupId))];
    const known = await this.stages.known(ids);
    if (this.strangers.size > mostRemembered) this.strangers.clear();
    if (this.ofMany.size > mostRemembered) this.ofMany.clear();
    for (const id of ids) {
      const jobs = known.get(id);
      if (jobs === undefined) this.strangers.add(id);
      else if (jobs > 1) this.ofMany.set(id, jobs);
    }
    const own = sayings.filter(({ groupId }) => known.has(groupId));
    if (own.length > 0) await this.stages.note(own);
  }
}

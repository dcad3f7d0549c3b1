import type { SayingOf, StageStore } from '../storage/stage.store.js';

interface Waiting {
  readonly said: SayingOf;
  readonly done: () => void;
  readonly failed: (reason: unknown) => void;
}

/** So many are noted at once at most: what a single statement does quickly. */
const mostAtOnce = 500;
/** Groups remembered as nobody's CI job. */
const mostStrangers = 20_000;

/** Notes what the grid says, one batch after another, so that the order in which it came stays. */
export class GridNews {
  private waiting: Waiting[] = [];
  private isBusy = false;
  private strangers = new Set<string>();

  constructor(private readonly stages: StageStore) {}

  /** Resolves once it is noted, or known to be of no CI job. */
  add(said: SayingOf): Promise<void> {
    // A stage is in the database before its group is handed in: who was a stranger once stays one.
    if (this.strangers.has(said.groupId)) return Promise.resolve();
    return new Promise((done, failed) => {
      this.waiting.push({ said, done, failed });
      if (!this.isBusy) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isBusy = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, mostAtOnce);
      try {
        await this.note(batch.map(({ said }) => said));
        for (const { done } of batch) done();
      } catch (reason) {
        for (const { failed } of batch) failed(reason);
      }
    }
    this.isBusy = false;
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

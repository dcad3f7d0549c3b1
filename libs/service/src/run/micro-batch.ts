interface Waiting<T> {
  readonly item: T;
  readonly done: () => void;
  readonly failed: (reason: unknown) => void;
}

/** So many are done at once at most: what a single statement does quickly. */
const mostAtOnce = 500;

/** Does one after another what comes alone, and together what comes in one turn of the event loop, or while it is busy. */
export class MicroBatch<T> {
  private waiting: Waiting<T>[] = [];
  private isBusy = false;

  constructor(private readonly work: (items: readonly T[]) => Promise<void>) {}

  /** Resolves or rejects with the batch that it was in. */
  add(item: T): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ item, done, failed });
      if (this.isBusy) return;
      this.isBusy = true;
      setImmediate(() => void this.run());
    });
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, mostAtOnce);
      try {
        await this.work(batch.map(({ item }) => item));
        for (const { done } of batch) done();
      } catch (reason) {
        for (const { failed } of batch) failed(reason);
      }
    }
    this.isBusy = false;
  }
}

import { toAppError } from '#errors';

interface Waiting<In, Out> {
  readonly item: In;
  readonly resolve: (out: Out) => void;
  readonly reject: (error: unknown) => void;
}

/** How long it may take until what comes now is written. */
export interface Gathering {
  /** Between the end of one transaction and the beginning of the next one, in milliseconds. */
  readonly ms: number;
  /** As many do not wait for others. */
  readonly enough: number;
}

/**
 * Makes one transaction of what comes while the one before it runs, so that ten thousand reports cost tens of commits.
 * Where it gathers, what comes soon after a transaction waits a little for others; what comes alone waits for nothing.
 * A transaction that is refused for good is taken apart, so that one bad item does no harm to the others.
 */
export class Batch<In, Out> {
  private waiting: Waiting<In, Out>[] = [];
  private running = false;
  private endedAt = -Infinity;
  private isEnough: (() => void) | undefined;

  /** @param run gives one result for each item, in their order */
  constructor(
    private readonly run: (items: readonly In[]) => Promise<readonly Out[]>,
    private readonly most = 500,
    private readonly gathering: Gathering = { ms: 0, enough: 1 },
  ) {}

  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.waiting.length >= this.gathering.enough) this.isEnough?.();
      if (this.running) return;
      this.running = true;
      // What arrives in the same turn of the event loop goes along.
      setImmediate(() => void this.drain());
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.gather();
      await this.flush(this.waiting.splice(0, this.most));
      this.endedAt = performance.now();
    }
    this.running = false;
  }

  private async gather(): Promise<void> {
    const { ms, enough } = this.gathering;
    const left = this.endedAt + ms - performance.now();
    if (left <= 0 || this.waiting.length >= enough) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left);
      this.isEnough = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.isEnough = undefined;
  }

  private async flush(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const results = await this.run(batch.map(({ item }) => item));
      for (const [at, { resolve }] of batch.entries()) resolve(results[at] as Out);
    } catch (thrown) {
      if (batch.length === 1 || toAppError(thrown).temporary) return this.rejectAll(batch, thrown);
      for (const one of batch) await this.flush([one]);
    }
  }

  private rejectAll(batch: readonly Waiting<In, Out>[], thrown: unknown): void {
    for (const { reject } of batch) reject(thrown);
  }
}

import { toAppError } from '#errors';
import type { GridBackend } from '#grid';
import type { Logger } from '#service';
import type { Attempt } from '../domain/attempt.js';

/** Brings back what a job left where the batch system transfers it, and reports how it ended, as the job's own word. */
export interface Collector {
  collect(attempt: Attempt, grid: GridBackend): Promise<void>;
}

const mostAtOnce = 8;

/** Collects few at a time, each attempt once at a time; what fails is begun again by a later poll. */
export class Collecting {
  private readonly known = new Set<string>();
  private readonly waiting: (() => Promise<void>)[] = [];
  private running = 0;

  constructor(
    private readonly collector: () => Collector | undefined,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  begin(attempt: Attempt, open: () => Promise<GridBackend>): void {
    const collector = this.collector();
    if (!collector || this.known.has(attempt.id)) return;
    this.known.add(attempt.id);
    this.waiting.push(async () => {
      try {
        await collector.collect(attempt, await open());
      } catch (thrown) {
        const { code, message } = toAppError(thrown);
        this.log.warn({ attempt: attempt.id, code, err: message }, 'what a job left could not be collected');
      } finally {
        this.known.delete(attempt.id);
      }
    });
    this.next();
  }

  private next(): void {
    if (this.running >= mostAtOnce) return;
    const task = this.waiting.shift();
    if (!task) return;
    this.running += 1;
    void task().finally(() => {
      this.running -= 1;
      this.next();
    });
  }
}

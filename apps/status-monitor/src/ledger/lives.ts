import { toAppError } from '#errors';
import type { DataSource } from 'typeorm';
import { type Life, writeLives } from '../storage/life-rows.js';

const flushMs = 2_000;
const mostAtOnce = 5_000;

/**
 * Signs of life, gathered: one statement for thousands. A process that dies forgets those of the last seconds, which is
 * nothing beside the hour after which an attempt counts as stalled; whoever says that an attempt ended writes before what
 * it came to.
 */
export class Lives {
  private gathered = new Map<string, Life>();
  private timer: NodeJS.Timeout | undefined;
  private writing = Promise.resolve();
  private next: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: { warn(fields: object, text: string): void },
  ) {}

  add(life: Life): void {
    const known = this.gathered.get(life.attemptId);
    this.gathered.set(life.attemptId, known ? merged(known, life) : life);
    this.timer ??= setTimeout(() => void this.flush(), flushMs).unref();
  }

  /** Writes what was gathered, all who ask meanwhile at once. What cannot be written waits for the next time. */
  flush(): Promise<void> {
    if (this.next) return this.next;
    this.next = this.writing.then(() => {
      this.next = undefined;
      clearTimeout(this.timer);
      this.timer = undefined;
      const lives = [...this.gathered.values()];
      this.gathered = new Map();
      return this.write(lives);
    });
    this.writing = this.next;
    return this.next;
  }

  private async write(lives: readonly Life[]): Promise<void> {
    for (let from = 0; from < lives.length; from += mostAtOnce) {
      const part = lives.slice(from, from + mostAtOnce);
      await writeLives(this.dataSource, part).catch((thrown: unknown) => {
        const { code, message } = toAppError(thrown);
        this.log.warn({ code, err: message }, 'signs of life wait for the database');
        for (const life of part) this.add(life);
      });
    }
  }
}

const merged = (a: Life, b: Life): Life => ({
  ...a,
  aliveAt: a.aliveAt > b.aliveAt ? a.aliveAt : b.aliveAt,
  logBytes: b.logBytes ?? a.logBytes,
  logLines: b.logLines ?? a.logLines,
  outputBytes: b.outputBytes ?? a.outputBytes,
});

import { toAppError } from '#errors';
import { WakeUp } from '#service';
import type { CiJobRecord } from '../domain/ci-job.js';
import type { LeaseStore } from '../storage/lease.store.js';
import { CurrentLife } from './current-life.js';
import { live } from './life.js';
import type { LifeParts } from './life-parts.js';
import { MissedNews } from './missed-news.js';

/** How often it is looked whether somebody's job has nobody, in milliseconds. */
const lookMs = 1_000;
const mostTaken = 100;
/** How long what is under way may go on when the service stops. */
const graceMs = 5_000;

interface Living {
  readonly life: CurrentLife;
  readonly over: AbortController;
  readonly done: Promise<void>;
}

/** The lives of all CI jobs that this copy looks after: it takes those that nobody does, and keeps its leases. */
export class Lives {
  private readonly living = new Map<string, Living>();
  private readonly stopping = new AbortController();
  private readonly wakeUp = new WakeUp();
  private readonly missed: MissedNews;
  private renewedAt = 0;
  private done: Promise<void> | undefined;
  private problem: string | undefined;

  constructor(
    private readonly parts: LifeParts,
    private readonly leases: LeaseStore,
  ) {
    parts.metrics.living(() => this.living.size);
    this.missed = new MissedNews(parts.stages, parts.holder);
  }

  start(): void {
    this.done = this.run();
  }

  /** Somebody may have nobody. */
  look(): void {
    this.wakeUp.ring();
  }

  /** There is news of one, or of any. */
  wake(id: string | undefined): void {
    if (id !== undefined) this.living.get(id)?.life.wakeUp.ring();
    else for (const { life } of this.living.values()) life.wakeUp.ring();
  }

  /** Lets go of all, so that other copies take them at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.done;
    for (const { over } of this.living.values()) over.abort();
    const all = Promise.all([...this.living.values()].map(({ done }) => done));
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
    await this.leases.release(this.parts.holder).catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.renew();
        const taken = await this.take();
        for (const id of await this.missed.find()) this.wake(id);
        this.problem = undefined;
        if (taken === mostTaken) continue;
      } catch (thrown) {
        this.failed(thrown);
      }
      await this.wakeUp.wait(Math.min(lookMs, this.parts.config.leaseSeconds * 250), signal);
    }
  }

  private async take(): Promise<number> {
    const { holder, config } = this.parts;
    const records = await this.leases.take(holder, config.leaseSeconds * 1_000, mostTaken);
    for (const record of records) this.begin(record);
    return records.length;
  }

  private begin(record: CiJobRecord): void {
    // One whose lease ran out here and that came back to this copy: the life before ends, and this one goes on.
    this.living.get(record.id)?.over.abort();
    const over = new AbortController();
    try {
      const life = new CurrentLife(record, this.parts, over.signal);
      const done = live(life)
        .catch((thrown: unknown) => this.failed(thrown))
        .finally(() => {
          if (this.living.get(record.id)?.over === over) this.living.delete(record.id);
        });
      this.living.set(record.id, { life, over, done });
    } catch (thrown) {
      this.failed(thrown);
    }
  }

  /** Whoever cannot renew in time stops, so that nobody else has begun by then. */
  private async renew(): Promise<void> {
    const leaseMs = this.parts.config.leaseSeconds * 1_000;
    const now = performance.now();
    if (this.renewedAt > 0 && now - this.renewedAt < leaseMs / 3) return;
    try {
      const lived = [...this.living].filter(([, { over }]) => !over.signal.aborted).map(([id]) => id);
      const kept = await this.leases.renew(this.parts.holder, leaseMs, lived);
      this.renewedAt = now;
      for (const id of lived) if (!kept.has(id)) this.living.get(id)?.over.abort();
    } catch (thrown) {
      if (this.renewedAt > 0 && performance.now() - this.renewedAt > leaseMs)
        for (const { over } of this.living.values()) over.abort();
      throw thrown;
    }
  }

  private failed(thrown: unknown): void {
    const { code, message } = toAppError(thrown);
    // What lasts is said once.
    if (this.problem === message) return;
    this.problem = message;
    this.parts.log.warn({ code, err: message }, 'looking after CI jobs is held up and will go on');
  }
}

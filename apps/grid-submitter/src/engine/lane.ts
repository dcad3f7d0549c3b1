import type { BackendSettings } from '#contracts';
import { toAppError } from '#errors';
import { WakeUp } from '#service';
import { CancelWork } from './cancel-work.js';
import type { EngineParts, Site } from './parts.js';
import { RecoveryWork } from './recovery-work.js';
import { SubmitWork } from './submit-work.js';

/** The work on one backend, beside that of other copies: they share out what there is by the database. */
export class Lane {
  private readonly stopping = new AbortController();
  private readonly cutting = new AbortController();
  private readonly wakeUp = new WakeUp();
  private readonly running = new Set<Promise<void>>();
  private readonly work: { submit: SubmitWork; recover: RecoveryWork; cancel: CancelWork };
  private done: Promise<void> | undefined;
  private isCancelling = false;
  private problem: string | undefined;

  constructor(
    readonly settings: BackendSettings,
    private readonly parts: EngineParts,
  ) {
    this.work = {
      submit: new SubmitWork(parts),
      recover: new RecoveryWork(parts),
      cancel: new CancelWork(parts),
    };
  }

  start(): void {
    this.done = this.run();
  }

  /** Something may have changed: look now rather than at the next interval. */
  wake(): void {
    this.wakeUp.ring();
  }

  /** Begins nothing new; what is under way may end by itself for so long, then it is cut off. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    const timer = setTimeout(() => this.cutting.abort(new Error('the service stops')), graceMs);
    await this.done;
    clearTimeout(timer);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const isMore = await this.look().catch((thrown: unknown) => this.failed(thrown));
      if (!isMore) await this.wakeUp.wait(this.parts.pollMs, signal);
    }
    await Promise.all(this.running);
  }

  /** @returns whether it is worth while to look again at once */
  private async look(): Promise<boolean> {
    const backend = await this.parts.open(this.settings);
    const site: Site = { backend, settings: this.settings, signal: this.cutting.signal };
    void this.watch(this.cancel(site));
    if (this.running.size >= this.parts.parallel) return false;
    const { recoveries, holder, leaseMs } = this.parts;
    const doubtful = await recoveries.takeOver(this.settings.name, holder, leaseMs);
    if (doubtful) this.begin(this.work.recover.run(doubtful, site));
    const isRoom = this.running.size < this.parts.parallel;
    const isSubmitting = isRoom && (await this.submit(site));
    this.problem = undefined;
    return isSubmitting || doubtful !== undefined;
  }

  private async submit(site: Site): Promise<boolean> {
    const { picks, holder, leaseMs } = this.parts;
    const limitOf = (project: string): number | undefined => this.parts.limitOf(project);
    const { name, jobs } = this.settings;
    const { mostAttempts, throttles = false } = site.backend;
    const asked = performance.now();
    const picked = await picks.pick({
      backend: name,
      jobs,
      mostAttempts,
      throttles,
      holder,
      leaseMs,
      limitOf,
    });
    if (picked) this.begin(this.work.submit.run(picked, asked, site));
    return picked !== undefined;
  }

  /** One at a time, and as long as there is something. */
  private async cancel(site: Site): Promise<void> {
    if (this.isCancelling) return;
    this.isCancelling = true;
    try {
      while (!this.cutting.signal.aborted && (await this.work.cancel.run(site)));
    } finally {
      this.isCancelling = false;
    }
  }

  private begin(task: Promise<void>): void {
    const watched = this.watch(task).finally(() => {
      this.running.delete(watched);
      this.wake();
    });
    this.running.add(watched);
  }

  private watch(task: Promise<void>): Promise<void> {
    return task.catch((thrown: unknown) => void this.failed(thrown));
  }

  private failed(thrown: unknown): false {
    const { code, message, level } = toAppError(thrown);
    // What lasts is said once.
    if (this.problem === message) return false;
    this.problem = message;
    const fields = { backend: this.settings.name, code, err: message };
    this.parts.log[level === 'error' ? 'error' : 'warn'](
      fields,
      'the work on a backend stopped and will go on',
    );
    return false;
  }
}

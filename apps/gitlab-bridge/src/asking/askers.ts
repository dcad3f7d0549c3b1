import { setTimeout as pause } from 'node:timers/promises';
import type { AdvisoryLock } from '#database';
import type { RunnerSettings } from '#contracts';
import { toAppError } from '#errors';
import { type JobAddress, JobClient, patiently } from '#gitlab';
import type { CiJobParts } from '../ci-job-parts.js';
import { Asking } from './asking.js';

/** What asking needs; the runners themselves are in `configured`, and change while it asks. */
export interface AskersParts extends CiJobParts {
  /** The right to ask for a runner, or undefined while another copy has it. */
  readonly lock: (runner: string) => Promise<AdvisoryLock | undefined>;
  /** A job is in the database. */
  readonly received: () => void;
}

/** What the asking for one runner has besides: how it gets a job into the database, or rid of it. */
export interface AskingParts extends AskersParts {
  /** Tells GitLab that a job that cannot be read has failed. */
  readonly reject: (job: JobAddress, words: string) => Promise<void>;
  readonly untilStored: (store: () => Promise<void>, what: { readonly ciJobId: number }) => Promise<void>;
}

const againMs = 500;
/** How long a stop waits for the answer to a question, in milliseconds; a stop has 28 s in all. */
const lastAnswerMs = 18_000;
/** For a job that nobody can read. */
const giveUpAfterMs = 60_000;

/** One that asks for each registered runner, while they come, change and go. */
export class Askers {
  private readonly open = new Map<string, Asking>();
  private readonly ending = new Set<Promise<void>>();
  private readonly parts: AskingParts;
  private isStarted = false;

  constructor(parts: AskersParts) {
    this.parts = {
      ...parts,
      reject: (job, words) => this.reject(job, words),
      untilStored: (store, what) => this.untilStored(store, what),
    };
    this.follow();
    parts.configured.onChange(() => this.follow());
  }

  start(): void {
    this.isStarted = true;
    for (const asking of this.open.values()) asking.start();
  }

  /** A job is over: there may be room for another one. */
  wake(): void {
    for (const asking of this.open.values()) asking.wake();
  }

  /**
   * Waits for the answers that are still to come, as long as a stop may take: GitLab holds a question open for 50 s where
   * it has nothing, and whoever waited for that would be killed. What is left then GitLab holds itself, and gives no job.
   */
  async stop(): Promise<void> {
    const all = Promise.all([...[...this.open.values()].map((asking) => asking.stop()), ...this.ending]);
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<'enough'>((resolve) => {
      timer = setTimeout(resolve, lastAnswerMs, 'enough');
    });
    if ((await Promise.race([all, enough])) === 'enough')
      this.parts.log.warn(
        { afterMs: lastAnswerMs },
        'a question for a job is broken off, for the service stops',
      );
    clearTimeout(timer);
  }

  private follow(): void {
    const wanted = new Map(this.parts.configured.runners.map((one) => [one.name, JSON.stringify(one)]));
    for (const [name, asking] of this.open)
      if (wanted.get(name) !== JSON.stringify(asking.settings)) this.end(name, asking);
    for (const settings of this.parts.configured.runners)
      if (!this.open.has(settings.name)) this.begin(settings);
  }

  private begin(settings: RunnerSettings): void {
    const asking = new Asking(settings, this.parts);
    this.open.set(settings.name, asking);
    if (this.isStarted) asking.start();
  }

  private end(name: string, asking: Asking): void {
    this.open.delete(name);
    const ended = asking.stop();
    this.ending.add(ended);
    void ended.then(() => this.ending.delete(ended));
  }

  private async reject(address: JobAddress, words: string): Promise<void> {
    const client = new JobClient(address);
    const text = Buffer.from(`Slipway cannot read the job: ${words}\n`);
    await patiently(() => client.setState({ state: 'running' }), { giveUpAfterMs });
    await patiently(() => client.patchTrace(0, text), { giveUpAfterMs });
    const state = { state: 'failed', failureReason: 'runner_system_failure' } as const;
    await patiently(() => client.setState(state), { giveUpAfterMs });
    this.parts.log.error({ ciJob: address.id, err: words }, 'GitLab gave a job that cannot be read');
  }

  private async untilStored(store: () => Promise<void>, { ciJobId }: { ciJobId: number }): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        return await store();
      } catch (thrown) {
        const { code, message } = toAppError(thrown);
        if (failures === 0)
          this.parts.log.error({ ciJob: ciJobId, code, err: message }, 'a CI job cannot be written down yet');
        await pause(againMs);
      }
    }
  }
}

import { readdir, rm } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { isMissing, type JobStatus, readStatus, writeStatus } from './job-status.js';
import { batchIdOf, type Layout, placeOf } from './layout.js';
import { RunningJob } from './running-job.js';
import { type Machine, type QueuedJob, startsOf } from './slots.js';
import { readSubmission } from './submission-file.js';

/** What is not harvested is forgotten after this long, in milliseconds. */
const keepMs = 7 * 86_400_000;

/** This machine as a batch system has it: all of its cores and memory. */
export const thisMachine = (): Machine => ({
  cores: cpus().map((_, core) => core),
  memoryBytes: totalmem(),
});

/**
 * Runs the jobs of one house on one machine: a process of its own, so that jobs outlive the service that submitted
 * them. It holds nothing that its files do not tell; one that was killed is followed by another, which adopts what runs.
 */
export class Supervisor {
  readonly #layout: Layout;
  readonly #machine: Machine;
  readonly #pin: boolean;
  readonly #known = new Set<string>();
  readonly #waiting = new Map<string, QueuedJob>();
  readonly #running = new Map<string, RunningJob>();

  constructor(layout: Layout, machine: Machine, pin: boolean) {
    this.#layout = layout;
    this.#machine = machine;
    this.#pin = pin;
  }

  /** Whether nothing waits and nothing runs. */
  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#running.size === 0;
  }

  /** One round: what is new, what is to end, what has ended, what may begin. */
  async round(): Promise<void> {
    await this.#takeIn();
    await this.#heedCancellations();
    for (const job of this.#running.values()) await this.#lookAt(job);
    await this.#begin();
  }

  async #takeIn(): Promise<void> {
    for (const id of await readdir(this.#layout.submissions)) {
      if (this.#known.has(id)) continue;
      const submission = await readSubmission(this.#layout, id);
      if (!submission) continue;
      this.#known.add(id);
      if (Date.now() - Date.parse(submission.submittedAt) > keepMs) {
        await rm(join(this.#layout.submissions, id), { recursive: true, force: true });
        continue;
      }
      for (const index of submission.attempts.keys()) {
        const { resources, priority, submittedAt, runningAtOnce } = submission;
        const job = { id: batchIdOf(id, index), submission: id, resources, priority, submittedAt, index };
        await this.#take({ ...job, runningAtOnce });
      }
    }
  }

  async #take(job: QueuedJob): Promise<void> {
    const place = this.#placeOf(job.id);
    const status = await readStatus(place.status);
    if (status?.state === 'waiting') this.#waiting.set(job.id, job);
    if (status?.state !== 'running') return;
    const cores = this.#machine.cores.slice(0, job.resources.cpus);
    const adopted = await RunningJob.adopt(job, place, cores, status);
    if (adopted) this.#running.set(job.id, adopted);
    else this.#waiting.set(job.id, job);
  }

  async #heedCancellations(): Promise<void> {
    const reason = { fault: 'cancelled', words: 'cancelled' } as const;
    for (const id of await readdir(this.#layout.cancellations)) {
      const submission = placeOf(this.#layout, id)?.submission;
      // It came after this round's new submissions were taken in: the next round knows the job.
      if (submission !== undefined && !this.#known.has(submission)) continue;
      const job = this.#waiting.get(id);
      this.#running.get(id)?.end(reason.fault, reason.words);
      if (job) await this.#ended(id, { state: 'gone', reason, endedAt: new Date().toISOString() });
      await rm(join(this.#layout.cancellations, id), { force: true });
    }
  }

  async #lookAt(job: RunningJob): Promise<void> {
    const status = await job.look();
    if (status.state === 'running') await this.#write(job.id, status);
    else await this.#ended(job.id, status);
  }

  async #ended(id: string, status: JobStatus): Promise<void> {
    await this.#write(id, status);
    this.#waiting.delete(id);
    this.#running.delete(id);
  }

  async #begin(): Promise<void> {
    const running = [...this.#running.values()].map(({ job, cores }) => ({
      submission: job.submission,
      cores,
      memoryBytes: job.resources.memoryBytes,
    }));
    for (const { job, cores } of startsOf(this.#machine, [...this.#waiting.values()], running)) {
      try {
        const started = await RunningJob.start(job, this.#placeOf(job.id), cores, this.#pin);
        this.#waiting.delete(job.id);
        this.#running.set(job.id, started);
        await this.#write(job.id, started.status);
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error);
        const reason = { fault: 'backend-failed', words } as const;
        await this.#ended(job.id, { state: 'gone', reason, endedAt: new Date().toISOString() });
      }
    }
  }

  /** A job that was forgotten meanwhile has no directory any more. */
  async #write(id: string, status: JobStatus): Promise<void> {
    try {
      await writeStatus(this.#placeOf(id).status, status);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  #placeOf(id: string): NonNullable<ReturnType<typeof placeOf>> {
    const place = placeOf(this.#layout, id);
    if (!place) throw new Error(`${id} is no job of this machine`);
    return place;
  }
}

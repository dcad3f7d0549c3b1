import type { RestJob } from './rest-answers.js';
import type { SlurmJob } from './slurm-job.js';

/** The three questions that a copy of all jobs is kept up to date by, the cheapest first. */
export interface StateSource {
  /** Each job's state, as `GET jobs/state/` lists it; undefined where the server has no such list. */
  states(): Promise<readonly { readonly job_id: string; readonly state: readonly string[] }[] | undefined>;
  /** All that is known of a job, or of an array's. */
  job(id: string): Promise<readonly RestJob[]>;
  all(): Promise<readonly RestJob[]>;
}

/** With more changes than this, one long answer is less than many short ones. */
const mostSingle = 8;
/** The short list has no reasons: that somebody put a job on hold shows when all is asked anew. */
const allAnewMs = 60_000;

/**
 * All jobs at the price of a short list: what is known in full of each job is kept, and asked again when its state is
 * another. It is a copy, and holds nothing that a fresh one would not find out.
 */
export class RestStates {
  readonly #now: () => number;
  #known = new Map<string, { readonly state: string; readonly job: RestJob }>();
  #askedAllAt = Number.NEGATIVE_INFINITY;

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  async jobs(source: StateSource): Promise<readonly SlurmJob[]> {
    const listed = await source.states();
    if (listed === undefined) return source.all();
    const states = new Map<string, { readonly state: string; readonly tasks: number[] }>();
    for (const { job_id: id, state } of listed) {
      const [own = '', task] = id.split('_');
      const entry = states.get(own) ?? { state: state.join('+'), tasks: [] };
      if (task !== undefined) entry.tasks.push(Number(task));
      states.set(own, entry);
    }
    await this.#refresh(source, states);
    const jobs: SlurmJob[] = [];
    for (const [own, { job }] of this.#known) {
      const tasks = states.get(own)?.tasks ?? [];
      // Which tasks of an array still wait is in the short list, whole.
      jobs.push(
        job.tasks === 'none' || tasks.length === 0 ? job : { ...job, tasks: { numbers: tasks, open: false } },
      );
    }
    return jobs;
  }

  async #refresh(
    source: StateSource,
    states: ReadonlyMap<string, { readonly state: string }>,
  ): Promise<void> {
    const changed = [...states].filter(([own, { state }]) => this.#known.get(own)?.state !== state);
    const known = new Map([...this.#known].filter(([own]) => states.has(own)));
    const keep = (jobs: readonly RestJob[]): void => {
      for (const job of jobs) {
        const own = String(job.own);
        // What came since belongs to the next list.
        if (states.has(own)) known.set(own, { state: job.states.join('+'), job });
      }
    };
    const stale = states.size > 0 && this.#now() - this.#askedAllAt >= allAnewMs;
    if (stale || changed.length > mostSingle) {
      keep(await source.all());
      this.#askedAllAt = this.#now();
    } else for (const [own] of changed) keep(await source.job(own));
    this.#known = known;
  }
}

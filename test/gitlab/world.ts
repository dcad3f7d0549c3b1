import { randomBytes } from 'node:crypto';
import { type JobDefinition } from './ci/definition.js';
import { Job } from './job.js';
import {
  defaultLimits,
  type Limits,
  type Person,
  type Pipeline,
  type Project,
  type Runner,
  type RunnerInfo,
} from './model.js';
import { type IdTokens } from './oidc.js';

/** All that this GitLab knows, and the rules by which its jobs go on. */
export class World {
  readonly limits: Limits = { ...defaultLimits };
  readonly people: Person[] = [];
  readonly projects: Project[] = [];
  readonly runners: Runner[] = [];
  readonly pipelines: Pipeline[] = [];
  readonly jobs: Job[] = [];
  /** Personal access tokens and whose they are. */
  readonly tokens = new Map<string, Person>();
  /** What GitLab lets pass and a good runner does not do, in words. */
  readonly complaints: string[] = [];
  /** Called at every change of a job's state. */
  readonly onChange: ((job: Job) => void)[] = [];
  url = '';
  /** Whether a runner that declares `two_phase_job_commit` has to confirm each job. */
  twoPhases = true;
  private lastId = 100;
  private readonly byId = new Map<number, Job>();
  private readonly latest = new Map<Pipeline, Map<string, Job>>();
  private readonly queue = new Set<Job>();
  private readonly unconfirmed = new Set<Job>();
  private readonly waiting = new Set<() => void>();

  constructor(private readonly idTokens: IdTokens) {}

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  addJob(pipeline: Pipeline, definition: JobDefinition, retried = 0): Job {
    const job = new Job(this.nextId(), pipeline, definition, retried, 'created', (changed) => {
      this.changed(changed);
    });
    this.jobs.push(job);
    this.byId.set(job.id, job);
    const latest = this.latest.get(pipeline) ?? new Map<string, Job>();
    this.latest.set(pipeline, latest.set(definition.name, job));
    return job;
  }

  job(id: number): Job | undefined {
    return this.byId.get(id);
  }

  /** The pipeline's jobs, of each the last try. */
  jobsOf(pipeline: Pipeline): readonly Job[] {
    return [...(this.latest.get(pipeline)?.values() ?? [])];
  }

  /** The jobs whose artifacts this one gets. */
  dependenciesOf(job: Job): readonly Job[] {
    const { dependencies, needs, stageIndex } = job.definition;
    const others = this.jobsOf(job.pipeline);
    const reachable = needs
      ? others.filter(({ name }) => needs.some((need) => need.job === name && need.artifacts))
      : others.filter(({ definition }) => definition.stageIndex < stageIndex);
    return reachable.filter(
      ({ name, artifacts, erased }) =>
        (dependencies === undefined || dependencies.includes(name)) && artifacts.length > 0 && !erased,
    );
  }

  repositoryUrl(job: Job): string {
    return `${this.url.replace('://', `://gitlab-ci-token:${job.token}@`)}/${job.pipeline.project.path}.git`;
  }

  idToken(job: Job, audience: string | readonly string[]): string {
    return this.idTokens.issue(this.url, job, audience);
  }

  /** The jobs that no runner has, oldest first. */
  pending(): readonly Job[] {
    return [...this.queue];
  }

  /** Puts back into the queue what its runner has not confirmed in time. */
  reclaim(): void {
    for (const job of this.unconfirmed) {
      if (job.awaitsRunner && Date.now() - job.heardAt < this.limits.acknowledgeMs) continue;
      this.unconfirmed.delete(job);
      if (!job.awaitsRunner) continue;
      job.awaitsRunner = false;
      this.queue.add(job);
      this.tick();
    }
  }

  /** The job is the runner's now, or will be when it confirms. */
  assign(job: Job, inTwoPhases: boolean): void {
    this.queue.delete(job);
    job.heardAt = Date.now();
    job.awaitsRunner = inTwoPhases;
    if (inTwoPhases) this.unconfirmed.add(job);
    else job.become('running');
  }

  /** Fails the jobs of whose runner nothing was heard for too long. */
  dropSilent(): void {
    for (const job of this.jobs) {
      const runs = job.state === 'running' || job.state === 'canceling';
      if (runs && Date.now() - job.heardAt > this.limits.silenceMs) job.drop('stuck_or_timeout_failure');
    }
  }

  /** Starts what may start in this pipeline, and skips what cannot any more. */
  advance(pipeline: Pipeline): void {
    for (const job of this.jobsOf(pipeline)) {
      if (job.state !== 'created') continue;
      const before = this.predecessors(job);
      if (before.some(({ isOver, state }) => !isOver && state !== 'manual')) continue;
      const failed = before.some(({ state, allowedToFail }) => state !== 'success' && !allowedToFail);
      const { when } = job.definition;
      if (when === 'always' || (when === 'on_failure' ? failed : !failed)) {
        job.become(when === 'manual' ? 'manual' : 'pending');
      } else {
        job.become('skipped');
      }
    }
  }

  /** Tells all runners that there may be something new. */
  tick(): void {
    for (const runner of this.runners) runner.queueValue = randomBytes(16).toString('hex');
    for (const wake of this.waiting) wake();
  }

  /** Resolves when the runner's queue has changed, or after so many milliseconds. */
  async untilTick(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }

  /** Ends the requests for jobs that are held. */
  endWaits(): void {
    for (const wake of this.waiting) wake();
  }

  remember(runner: Runner, systemId: string, info: RunnerInfo): void {
    const known = runner.managers.get(systemId);
    if (known) known.info = info;
    else runner.managers.set(systemId, { systemId, info });
  }

  private predecessors(job: Job): readonly Job[] {
    const { needs, stageIndex } = job.definition;
    const others = this.jobsOf(job.pipeline);
    return needs
      ? others.filter(({ name }) => needs.some((need) => need.job === name))
      : others.filter(({ definition }) => definition.stageIndex < stageIndex);
  }

  private changed(job: Job): void {
    if (job.state === 'failed' && job.retried < job.definition.retries) {
      this.addJob(job.pipeline, job.definition, job.retried + 1).become('pending');
    }
    if (job.state === 'pending') {
      this.queue.add(job);
      this.tick();
    } else this.queue.delete(job);
    if (job.isOver) this.advance(job.pipeline);
    for (const listener of this.onChange) listener(job);
  }
}

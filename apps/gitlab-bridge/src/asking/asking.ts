import { type AdvisoryLock } from '#database';
import type { RunnerSettings } from '#contracts';
import { permanent, toAppError } from '#errors';
import { type CiJob, type JobRequest, RunnerClient, systemIdOf } from '#gitlab';
import { WakeUp } from '#service';
import { projectOf } from '../domain/project-of.js';
import { userOf } from '../domain/user-of.js';
import { whyUnreadable } from '../domain/why-unreadable.js';
import { sealCiJob } from '../life/sealed-job.js';
import type { AskingParts } from './askers.js';

const firstRetryMs = 1_000;
const longestRetryMs = 60_000;
/** How often a copy that does not ask looks whether it may. */
const standbyMs = 2_000;

/** Asks GitLab for the jobs of one runner. One copy does so at a time; a question is never broken off. */
export class Asking {
  private readonly stopping = new AbortController();
  private readonly wakeUp = new WakeUp();
  private done: Promise<void> | undefined;
  private problem: string | undefined;
  private failures = 0;

  constructor(
    readonly settings: RunnerSettings,
    private readonly parts: AskingParts,
  ) {}

  start(): void {
    this.done = this.run();
  }

  /** There may be room for a further job. */
  wake(): void {
    this.wakeUp.ring();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.done;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const lock = await this.lock();
      if (lock) await this.lead(lock);
      await this.wakeUp.wait(standbyMs, signal);
    }
  }

  private lock(): Promise<AdvisoryLock | undefined> {
    return this.parts.lock(this.settings.name).catch((thrown: unknown) => void this.failed(thrown));
  }

  private async lead(lock: AdvisoryLock): Promise<void> {
    const signal = AbortSignal.any([this.stopping.signal, lock.lost]);
    try {
      let client: RunnerClient | undefined;
      while (!signal.aborted) {
        const due = Date.now() + this.parts.config.askMs;
        let waitMs: number;
        try {
          client ??= await this.verified();
          const got = (await this.isRoom()) && (await this.ask(client));
          this.settle();
          waitMs = got ? 0 : due - Date.now();
        } catch (thrown) {
          waitMs = this.failed(thrown);
          client = undefined;
        }
        if (waitMs > 0) await this.wakeUp.wait(waitMs, signal);
      }
    } finally {
      await lock.release().catch(() => undefined);
    }
  }

  /** With what Slipway can do, so that GitLab knows it before the first job. */
  private async verified(): Promise<RunnerClient> {
    const { gitlab, credential, name } = this.settings;
    const { configured, gitlabs, config, version } = this.parts;
    const server = configured.gitlab(gitlab);
    if (!server) throw permanent('gitlab.unknown', `the GitLab server ${gitlab} is not registered`);
    const client = new RunnerClient({
      server: gitlabs.of(server.url),
      token: configured.secretOf(credential, `runner ${name}`),
      systemId: systemIdOf(config.house, name),
      version,
    });
    const verified = await client.verify();
    if (verified.is === 'refused') {
      const words = `${server.url} does not know the token in the credential ${credential}: ${verified.words}`;
      throw permanent('gitlab.unknown_token', words, { subject: credential });
    }
    return client;
  }

  private async isRoom(): Promise<boolean> {
    const { settings, parts } = this;
    if (settings.isPaused) return false;
    const open = await parts.jobs.open();
    const sum = (of: (row: (typeof open)[number]) => boolean): number =>
      open.filter(of).reduce((jobs, row) => jobs + row.jobs, 0);
    if (sum(({ runner }) => runner === settings.name) >= settings.jobs) return false;
    const project = parts.configured.projects.find(({ name }) => name === settings.project);
    return !project || sum((row) => row.project === project.name) < project.limits.jobs;
  }

  /** @returns whether it is worth while to ask again at once */
  private async ask(client: RunnerClient): Promise<boolean> {
    const { gitlabs, configured, metrics } = this.parts;
    const url = configured.gitlab(this.settings.gitlab)?.url ?? '';
    const answer: JobRequest = await client.requestJob();
    metrics.asked('job');
    if (answer.is === 'none') return false;
    if (answer.is === 'lost') return true;
    if (answer.is === 'refused')
      throw permanent('gitlab.refused', `${url} gives no jobs: it answers ${answer.status}: ${answer.words}`);
    if (answer.is === 'job') await this.keep(url, answer.job);
    else {
      const { id, token, json } = answer;
      await this.parts.reject({ server: gitlabs.of(url), id, token }, whyUnreadable(json));
    }
    return true;
  }

  /** GitLab counts it as running from now on: it is written down, however often that has to be tried. */
  private async keep(gitlabUrl: string, job: CiJob): Promise<void> {
    const { parts, settings } = this;
    const project = projectOf(job, settings, gitlabUrl, parts.configured.projects);
    const user = userOf(job);
    const { job_info: info, git_info: git } = job;
    const fields = {
      runner: settings.name,
      gitlab: settings.gitlab,
      ciJobId: job.id,
      ciJobName: info.name.slice(0, 1_024),
      stage: info.stage.slice(0, 1_024),
      ...(info.pipeline_id > 0 && { pipelineId: info.pipeline_id }),
      gitlabProject: info.project_full_path.slice(0, 1_024),
      ...('name' in project && { project: project.name }),
      ref: git.ref.slice(0, 1_024),
      sha: git.sha.slice(0, 64),
      ...(user !== undefined && { user: user.slice(0, 255) }),
    };
    const sealed = sealCiJob(parts.ring, job);
    await parts.untilStored(() => parts.jobs.receive({ gitlabUrl, fields, sealed }), fields);
    parts.log.info({ gitlab: settings.gitlab, ciJob: job.id, runner: settings.name }, 'a CI job came');
    parts.received();
  }

  private settle(): void {
    this.failures = 0;
    this.problem = undefined;
  }

  /** @returns how long to wait, in milliseconds */
  private failed(thrown: unknown): number {
    const { code, message, retryAfterSeconds = 0 } = toAppError(thrown);
    this.failures += 1;
    // What lasts is said once.
    if (this.problem !== message) {
      this.problem = message;
      const { name: runner, gitlab } = this.settings;
      this.parts.log.warn({ runner, gitlab, code, err: message }, 'a runner gets no jobs');
    }
    const backOff = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.failures - 1, 10));
    return Math.max(retryAfterSeconds * 1_000, Math.min(backOff, this.parts.config.retryMs));
  }
}

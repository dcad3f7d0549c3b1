import { AppError, toAppError } from '#errors';
import type { BatchJob, Call, Submission } from '#grid';
import type { Picked } from '../storage/pick.store.js';
import { Lease } from './lease.js';
import type { EngineParts, Site } from './parts.js';

/** How long attempts wait whose identity cannot be used now, in milliseconds. */
const withoutIdentityMs = 60_000;

/** How long attempts wait whose files cannot be made, in milliseconds. */
const notComposedMs = 60_000;

/** After how long it is looked whether a submission without an answer came to be, in milliseconds. */
const firstLookMs = 1_000;

/** The files of the jobs could not be made; `cause` says why. */
class NotComposed extends Error {}

/** Submits what was picked, and writes down what became of it. What is written down before is enough for others to go on. */
export class SubmitWork {
  constructor(private readonly parts: EngineParts) {}

  /** @param pickedAt when it was asked for, as `performance.now()` says */
  async run(picked: Picked, pickedAt: number, site: Site): Promise<void> {
    const { submissions, holder, leaseMs, identities } = this.parts;
    const held = { id: picked.id, holder };
    const identity = identities.of(picked.group.identity);
    if ('problem' in identity) {
      this.tell('warn', picked, { words: identity.problem }, 'jobs wait: their identity cannot be used');
      await submissions.release(held, identity.problem, withoutIdentityMs);
      return;
    }
    const lease = new Lease(submissions, held, leaseMs, pickedAt);
    const signal = AbortSignal.any([lease.signal, site.signal]);
    try {
      const submission = this.composed(picked, site);
      // Over before it began: somebody else looks after it, and nothing may be submitted any more.
      lease.signal.throwIfAborted();
      const { handed } = this.parts;
      const jobs = await this.submit(submission, { identity: identity.identity, signal, handed }, site);
      await this.taken(picked, jobs);
    } catch (thrown) {
      if (thrown instanceof NotComposed) await this.notComposed(picked, thrown.cause, site);
      else await this.failed(picked, thrown, { ...site, signal });
    } finally {
      lease.end();
    }
  }

  private composed(picked: Picked, { settings }: Site): Submission {
    try {
      return this.parts.files.submissionOf(picked, settings);
    } catch (cause) {
      throw new NotComposed('', { cause });
    }
  }

  /** Nothing was submitted, for sure. What is wrong with one group's jobs does not hold up those of others. */
  private async notComposed(picked: Picked, cause: unknown, { settings }: Site): Promise<void> {
    const { submissions, holder, metrics, backOffs } = this.parts;
    const { code, message } = toAppError(cause);
    const isGroups = cause instanceof AppError;
    const waitMs = isGroups ? notComposedMs : 1_000 * (await backOffs.leaveAlone(settings.name, message));
    await submissions.release({ id: picked.id, holder }, message, waitMs);
    metrics.became(settings.name, 'put_back');
    this.tell('warn', picked, { code, words: message, waitMs }, 'jobs wait: their files cannot be made');
  }

  private async submit(
    submission: Submission,
    call: Call,
    { backend, settings }: Site,
  ): Promise<readonly BatchJob[]> {
    const begun = performance.now();
    const jobs = await backend.submit(submission, call);
    this.parts.metrics.took(settings.name, jobs.length, (performance.now() - begun) / 1_000);
    const known = new Set(jobs.map(({ attemptId }) => attemptId));
    if (submission.attempts.every(({ id }) => known.has(id))) return jobs;
    throw new Error(`the batch system answered ${jobs.length} of ${submission.attempts.length} jobs`);
  }

  private async taken(picked: Picked, jobs: readonly BatchJob[]): Promise<void> {
    const { submissions, holder, metrics, said } = this.parts;
    await submissions.record({ id: picked.id, holder }, jobs);
    metrics.became(picked.group.backend, 'submitted');
    said();
    this.tell('info', picked, { first: jobs[0]?.batchId }, 'submitted');
  }

  private async failed(picked: Picked, thrown: unknown, { settings, backend, signal }: Site): Promise<void> {
    const { submissions, holder, metrics, backOffs, said } = this.parts;
    const held = { id: picked.id, holder };
    const error = toAppError(thrown);
    // Only the batch system's own refusal is one: of all others it is not known what became of the submission.
    if (thrown instanceof AppError && !thrown.temporary && thrown.code.startsWith('grid.')) {
      await submissions.refuse(held, error.message);
      metrics.became(settings.name, 'refused');
      said();
      return this.tell('warn', picked, { code: error.code, words: error.message }, 'refused');
    }
    metrics.became(settings.name, 'doubtful');
    this.tell(
      'warn',
      picked,
      { code: error.code, words: error.message },
      'nobody knows whether it was submitted',
    );
    await submissions.doubt(held, error.message, Math.min(firstLookMs, backend.settlesWithin));
    // Whoever was cut off says nothing about the batch system; what fails again and again is tried ever more rarely.
    if (error.code === 'grid.unavailable' || !signal.aborted)
      await backOffs.leaveAlone(settings.name, error.message);
  }

  private tell(level: 'info' | 'warn', { id, group, attempts }: Picked, fields: object, text: string): void {
    const about = { submission: id, group: group.id, backend: group.backend, jobs: attempts.length };
    this.parts.log[level]({ ...about, ...fields }, text);
  }
}

import { toAppError } from '#errors';
import type { BatchJob } from '#grid';
import type { Doubtful } from '../storage/recovery.store.js';
import type { EngineParts, Site } from './parts.js';

/** How often is looked while a batch system may still take a submission in, in milliseconds. */
const lookAgainMs = 2_000;

/**
 * Finds out whether the batch system has a submission that was cut off. What it says it has is believed at once; that it
 * has nothing only when whoever was cut off can have submitted nothing since.
 */
export class RecoveryWork {
  constructor(private readonly parts: EngineParts) {}

  async run(doubtful: Doubtful, site: Site): Promise<void> {
    const { submissions, holder, log, leaseMs } = this.parts;
    const held = { id: doubtful.id, holder };
    const about = { submission: doubtful.id, group: doubtful.group.id, backend: site.settings.name };
    try {
      const jobs = await this.find(doubtful, site);
      const isAll = jobs.length >= doubtful.attempts.length;
      const left = site.backend.settlesWithin - doubtful.cutOffMs;
      if (!isAll && left > 0) {
        await submissions.doubt(held, 'not in the batch system yet', Math.min(left, lookAgainMs));
        return;
      }
      await this.settle(doubtful, jobs, site);
      log.info(
        { ...about, jobs: doubtful.attempts.length, found: jobs.length },
        'a doubtful submission was looked for',
      );
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      log.warn({ ...about, code, words: message }, 'a doubtful submission cannot be looked for');
      const seconds = await this.parts.backOffs.leaveAlone(site.settings.name, message);
      await submissions.doubt(held, message, Math.min(seconds * 1_000, leaseMs));
    }
  }

  private async find(
    { id, attempts, group }: Doubtful,
    { backend, signal }: Site,
  ): Promise<readonly BatchJob[]> {
    const identity = this.parts.identities.of(group.identity);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(this.parts.leaseMs)]);
    const wanted = attempts.map((attempt) => ({ id: attempt, settings: '' }));
    const found = await backend.find(
      { id, attempts: wanted },
      { identity: 'problem' in identity ? undefined : identity.identity, signal: limited },
    );
    const known = new Set(attempts);
    return [...new Map(found.map((job) => [job.attemptId, job])).values()].filter((job) =>
      known.has(job.attemptId),
    );
  }

  private async settle(doubtful: Doubtful, jobs: readonly BatchJob[], { settings }: Site): Promise<void> {
    const { submissions, holder, metrics, said } = this.parts;
    const held = { id: doubtful.id, holder };
    if (jobs.length === 0) await submissions.release(held, undefined);
    else await submissions.record(held, jobs);
    metrics.became(settings.name, jobs.length === 0 ? 'put_back' : 'found');
    said();
  }
}

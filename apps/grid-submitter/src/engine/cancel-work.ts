import { toAppError } from '#errors';
import type { DueCancellation } from '../storage/cancellation.store.js';
import type { EngineParts, Site } from './parts.js';

/** Asks the batch system to end what nobody wants any more. Asked twice, it does no harm. */
export class CancelWork {
  constructor(private readonly parts: EngineParts) {}

  /** @returns whether there was something to do */
  async run(site: Site): Promise<boolean> {
    const { name, transfer } = site.settings;
    const due = await this.parts.cancellations.take(name, this.parts.leaseMs, transfer === 'backend');
    for (const cancellation of due) await this.ask(cancellation, site);
    return due.length > 0;
  }

  private async ask(
    { identity: name, attempts }: DueCancellation,
    { backend, settings, signal }: Site,
  ): Promise<void> {
    const { identities, cancellations, log, leaseMs } = this.parts;
    const about = { backend: settings.name, jobs: attempts.length };
    const identity = identities.of(name);
    try {
      await backend.cancel(
        attempts.map(({ batchId }) => batchId),
        {
          identity: 'problem' in identity ? undefined : identity.identity,
          signal: AbortSignal.any([signal, AbortSignal.timeout(leaseMs)]),
        },
      );
      await cancellations.asked(attempts.map(({ id }) => id));
      log.info(about, 'the batch system was asked to end jobs');
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      log.warn({ ...about, code, words: message }, 'the batch system does not end jobs; it is asked again');
    }
  }
}

import { type BackendSettings, hasEnded } from '#contracts';
import type { BatchReport, GridBackend } from '#grid';
import type { Attempt } from '../domain/attempt.js';
import { type Circumstances, judge, type OpenAttempt, type Patience } from '../domain/judgement.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Collecting } from './collecting.js';

/** One backend, and where what it says goes. `open` may fail while the batch system is away. */
export interface HearingParts {
  readonly settings: BackendSettings;
  readonly open: () => Promise<GridBackend>;
  readonly ledger: Ledger;
  readonly patience: Patience;
  readonly collecting: Collecting;
}

/** What a batch system said of an attempt, and for how many polls in a row it has not shown it. */
export interface Heard {
  readonly report: BatchReport | undefined;
  readonly missed: number;
}

/** Reports what follows from a batch system's words, and begins to collect what jobs left where they have ended. */
export class Hearing {
  constructor(private readonly parts: HearingParts) {}

  /** Resolves when it is in the ledger. */
  async apply(open: readonly OpenAttempt[], heardOf: (attempt: OpenAttempt) => Heard): Promise<void> {
    const { ledger, patience, settings } = this.parts;
    const shown: Circumstances = { ...patience, now: new Date(), transfer: settings.transfer, missed: 0 };
    const written: Promise<Attempt | undefined>[] = [];
    for (const attempt of open) {
      const { report, missed } = heardOf(attempt);
      const circumstances = missed > 0 ? { ...shown, missed } : shown;
      for (const said of judge(attempt, report, circumstances)) written.push(ledger.report(attempt.id, said));
    }
    for (const attempt of await Promise.all(written)) this.collect(attempt);
  }

  collect(attempt: Attempt | undefined): void {
    if (attempt?.batchEnd && !hasEnded(attempt.state) && this.parts.settings.transfer === 'backend')
      this.parts.collecting.begin(attempt, this.parts.open);
  }
}

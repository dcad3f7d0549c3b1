import type { BatchReport } from '#grid';
import type { DataSource } from 'typeorm';
import { eventPosition, keepEventPosition } from '../storage/event-positions.js';
import { openAttemptsOf } from '../storage/open-attempts.js';
import { Hearing, type HearingParts } from './hearing.js';

/** `dataSource` keeps how far the log was read, for whichever copy reads on. */
export interface EventReadingParts extends HearingParts {
  readonly dataSource: DataSource;
}

/** An event may be read before the submitter's word of its job has come; others' jobs are never spoken of. */
const earlyMs = 60_000;
const mostEarly = 10_000;

interface Early {
  readonly report: BatchReport;
  readonly until: number;
}

/**
 * Reads a batch system's event log on from where the last round, of whichever copy, came to, so that states need not wait
 * for the next poll. The position is kept after what was read is in the ledger: who dies in between lets it be read twice,
 * which does no harm. What is missed is made up for by the next poll.
 */
export class EventReading {
  private readonly hearing: Hearing;
  private early = new Map<string, Early>();

  constructor(private readonly parts: EventReadingParts) {
    this.hearing = new Hearing(parts);
  }

  /** @throws temporary `grid.unavailable` */
  async round(signal: AbortSignal): Promise<void> {
    const { dataSource, settings } = this.parts;
    const grid = await this.parts.open();
    if (!grid.events) return;
    const since = await eventPosition(dataSource, settings.name);
    const { reports, next } = await grid.events(since, { signal });
    await this.hear(reports);
    if (next !== since) await keepEventPosition(dataSource, settings.name, next);
  }

  private async hear(reports: readonly BatchReport[]): Promise<void> {
    const now = Date.now();
    const heard = new Map([...this.early].filter(([, { until }]) => until > now));
    for (const report of reports) heard.set(report.batchId, { report, until: now + earlyMs });
    if (heard.size === 0) return;
    const { dataSource, settings } = this.parts;
    const open = await openAttemptsOf(dataSource, settings.name, [...heard.keys()]);
    await this.hearing.apply(open, ({ batchId }) => ({
      report: heard.get(batchId ?? '')?.report,
      missed: 0,
    }));
    for (const { batchId } of open) heard.delete(batchId ?? '');
    this.early = new Map([...heard].slice(-mostEarly));
  }
}

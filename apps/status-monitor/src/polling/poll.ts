import type { BatchReport } from '#grid';
import type { DataSource } from 'typeorm';
import type { OpenAttempt } from '../domain/judgement.js';
import { harvested, openAttempts } from '../storage/open-attempts.js';
import { type Heard, Hearing, type HearingParts } from './hearing.js';
import type { PollMetrics } from './poll-metrics.js';

/** What a poll needs besides hearing: the attempts that the batch system has, and how long it may take. */
export interface PollParts extends HearingParts {
  readonly dataSource: DataSource;
  /** How long one query of the batch system may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly metrics: PollMetrics;
}

/** One round: asks the batch system once for everything, and reports what differs from the ledger. */
export class Poll {
  /** Polls in a row that did not show an attempt. Who takes over begins anew, which only costs time. */
  private missed = new Map<string, number>();
  private forgotten = new Set<string>();
  private readonly hearing: Hearing;

  constructor(private readonly parts: PollParts) {
    this.hearing = new Hearing(parts);
  }

  /** @throws temporary `grid.unavailable`, after what depends on time alone was decided */
  async round(signal: AbortSignal): Promise<void> {
    const { dataSource, settings, metrics } = this.parts;
    const began = performance.now();
    const open = await openAttempts(dataSource, settings.name);
    const answer = await this.ask(open, signal).then(
      (reports) => ({ reports }),
      (error: unknown) => ({ error }),
    );
    const reports = 'reports' in answer ? answer.reports : undefined;
    await this.report(open, reports && new Map(reports.map((report) => [report.batchId, report])));
    metrics.polled(settings.name, open.length, (performance.now() - began) / 1_000, 'error' in answer);
    if ('error' in answer) throw answer.error;
    await this.forget(open, answer.reports, signal);
  }

  /** Nothing is asked of a batch system that has none of our jobs. */
  private async ask(open: readonly OpenAttempt[], signal: AbortSignal): Promise<readonly BatchReport[]> {
    if (open.length === 0) return [];
    const grid = await this.parts.open();
    const ids = batchIdsOf(open);
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(this.parts.timeoutMs)]);
    return grid.poll(ids, { signal: bounded });
  }

  private async report(
    open: readonly OpenAttempt[],
    heard: ReadonlyMap<string, BatchReport> | undefined,
  ): Promise<void> {
    const missed = new Map<string, number>();
    await this.hearing.apply(open, ({ id, batchId }): Heard => {
      const report = batchId === undefined ? undefined : heard?.get(batchId);
      const misses = report ? 0 : (this.missed.get(id) ?? 0) + (heard ? 1 : 0);
      if (misses > 0) missed.set(id, misses);
      // A batch system that does not answer says nothing of what it does not know.
      return { report, missed: heard ? misses : 0 };
    });
    this.missed = missed;
    for (const { id, batchEnd } of open) if (batchEnd) this.collectById(id);
  }

  private collectById(id: string): void {
    if (this.parts.settings.transfer !== 'backend') return;
    void this.parts.ledger.attempt(id).then(
      (attempt) => this.hearing.collect(attempt),
      () => undefined,
    );
  }

  /** Tells the batch system what it need not keep any more. */
  private async forget(
    open: readonly OpenAttempt[],
    reports: readonly BatchReport[],
    signal: AbortSignal,
  ): Promise<void> {
    const { dataSource, settings } = this.parts;
    const ended = reports
      .filter(({ state }) => state === 'ended' || state === 'gone')
      .map(({ batchId }) => batchId);
    const known = ended.length === 0 ? new Set() : batchIdsOf(open);
    const ids = ended.filter((id) => !this.forgotten.has(id) && !known.has(id));
    const over = await harvested(dataSource, settings.name, ids);
    if (over.length > 0) await (await this.parts.open()).forget(over, { signal });
    const shown = ended.filter((id) => this.forgotten.has(id));
    this.forgotten = new Set([...shown, ...over]);
  }
}

function batchIdsOf(open: readonly OpenAttempt[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { batchId } of open) if (batchId !== undefined) ids.add(batchId);
  return ids;
}

import type { BackendSettings } from '#contracts';
import type { BatchReport, GridBackend } from '#grid';
import type { DataSource } from 'typeorm';
import { type Attempt, isOver } from '../domain/attempt.js';
import { judge, type OpenAttempt, type Patience } from '../domain/judgement.js';
import type { Ledger } from '../ledger/ledger.js';
import { harvested, openAttempts } from '../storage/open-attempts.js';
import type { Collecting } from './collecting.js';
import type { PollMetrics } from './poll-metrics.js';

export interface PollParts {
  readonly settings: BackendSettings;
  readonly open: () => Promise<GridBackend>;
  readonly dataSource: DataSource;
  readonly ledger: Ledger;
  readonly patience: Patience;
  /** How long one query of the batch system may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly collecting: Collecting;
  readonly metrics: PollMetrics;
}

/** One round: asks the batch system once for everything, and reports what differs from the ledger. */
export class Poll {
  /** Polls in a row that did not show an attempt. Who takes over begins anew, which only costs time. */
  private missed = new Map<string, number>();
  private forgotten = new Set<string>();

  constructor(private readonly parts: PollParts) {}

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
    const ids = new Set(open.flatMap(({ batchId }) => batchId ?? []));
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(this.parts.timeoutMs)]);
    return grid.poll(ids, { signal: bounded });
  }

  private async report(
    open: readonly OpenAttempt[],
    heard: ReadonlyMap<string, BatchReport> | undefined,
  ): Promise<void> {
    const { ledger, patience, settings } = this.parts;
    const now = new Date();
    const missed = new Map<string, number>();
    const written: Promise<Attempt | undefined>[] = [];
    for (const attempt of open) {
      const report = attempt.batchId === undefined ? undefined : heard?.get(attempt.batchId);
      const misses = (this.missed.get(attempt.id) ?? 0) + (heard && !report ? 1 : 0);
      if (!report && misses > 0) missed.set(attempt.id, misses);
      // A batch system that does not answer says nothing of what it does not know.
      const counted = heard ? misses : 0;
      const circumstances = { ...patience, now, transfer: settings.transfer, missed: counted };
      for (const said of judge(attempt, report, circumstances)) written.push(ledger.report(attempt.id, said));
    }
    this.missed = missed;
    for (const attempt of await Promise.all(written)) this.collect(attempt);
    for (const { id, batchEnd } of open) if (batchEnd) this.collectById(id);
  }

  private collect(attempt: Attempt | undefined): void {
    if (attempt?.batchEnd && !isOver(attempt.state) && this.parts.settings.transfer === 'backend')
      this.parts.collecting.begin(attempt, this.parts.open);
  }

  private collectById(id: string): void {
    if (this.parts.settings.transfer !== 'backend') return;
    void this.parts.ledger.attempt(id).then(
      (attempt) => this.collect(attempt),
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
    const ended = reports.filter(({ state }) => state === 'ended' || state === 'gone');
    const known = new Set(open.flatMap(({ batchId }) => batchId ?? []));
    const ids = ended.map(({ batchId }) => batchId).filter((id) => !this.forgotten.has(id) && !known.has(id));
    const over = await harvested(dataSource, settings.name, ids);
    if (over.length > 0) await (await this.parts.open()).forget(over, { signal });
    const shown = ended.map(({ batchId }) => batchId).filter((id) => this.forgotten.has(id));
    this.forgotten = new Set([...shown, ...over]);
  }
}

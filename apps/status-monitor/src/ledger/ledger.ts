import { databaseError, preparedQuery } from '#database';
import type { DataSource } from 'typeorm';
import type { Attempt, Standing, Writing } from '../domain/attempt.js';
import type { Report } from '../domain/report.js';
import {
  attemptOf,
  attemptsQuery,
  type AttemptRow,
  standingOf,
  standingsQuery,
  type StandingRow,
  writingOf,
  writingsQuery,
  type WritingRow,
} from '../storage/attempt-rows.js';
import { applyReports, type AttemptReport } from './apply-reports.js';
import { Batch } from '../storage/batch.js';
import { Lives } from './lives.js';
import type { Life } from '../storage/life-rows.js';

/** Between two transactions: a call of a job waits so long at most, and many jobs that begin and end share what each of them costs. */
const gathering = { ms: 100, enough: 32 };

/** What a job itself says at its end. */
const endsByItself: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled']);

/** The database is the ledger's own state; what it says leaves through the outbox in the same transaction. */
export interface LedgerParts {
  readonly dataSource: DataSource;
  readonly log: { warn(fields: object, text: string): void };
  /** Something is in the outbox. */
  readonly said: () => void;
}

/**
 * What is known of every attempt, and the one place where it changes. What many say at once is written in few
 * transactions; a promise resolves when it is committed.
 */
export class Ledger {
  private readonly reports: Batch<AttemptReport, Attempt | undefined>;
  private readonly reads: Batch<string, Attempt | undefined>;
  private readonly standings: Batch<string, Standing | undefined>;
  private readonly writings: Batch<string, Writing | undefined>;
  private readonly lives: Lives;

  constructor(private readonly parts: LedgerParts) {
    this.reports = new Batch((items) => this.apply(items), 500, gathering);
    const { dataSource } = parts;
    this.reads = reading(async (ids) => {
      const rows = await preparedQuery<AttemptRow>(dataSource, attemptsQuery, [ids]);
      return rows.map(attemptOf);
    });
    this.standings = reading(async (ids) => {
      const rows = await preparedQuery<StandingRow>(dataSource, standingsQuery, [ids]);
      return rows.map(standingOf);
    });
    this.writings = reading(async (ids) => {
      const rows = await preparedQuery<WritingRow>(dataSource, writingsQuery, [ids]);
      return rows.map(writingOf);
    });
    this.lives = new Lives(parts.dataSource, parts.log);
  }

  /** An attempt as it is now; undefined where the ledger does not know it (yet). */
  attempt(attemptId: string): Promise<Attempt | undefined> {
    return this.reads.add(attemptId);
  }

  /** As much of it as says who may speak for it and what it is told, read at less cost. */
  standing(attemptId: string): Promise<Standing | undefined> {
    return this.standings.add(attemptId);
  }

  /** As much of it as a piece of its log needs. */
  writing(attemptId: string): Promise<Writing | undefined> {
    return this.writings.add(attemptId);
  }

  /**
   * Writes what somebody says of an attempt. It may be said twice, late and in any order.
   *
   * @returns the attempt as it is then; undefined where the ledger does not know it yet: then it is kept until it does
   * @throws temporary `database.unavailable`
   */
  report(attemptId: string, report: Report, traceparent?: string): Promise<Attempt | undefined> {
    return this.reports.add({ attemptId, report, traceparent });
  }

  /**
   * Writes that a wrapper has begun an attempt, and binds the attempt to its session where that is the first one.
   *
   * @returns the attempt as it is then: where it is bound to another session nothing was written
   */
  begin(attemptId: string, session: string, report: Report): Promise<Attempt | undefined> {
    return this.reports.add({ attemptId, report, session });
  }

  /** Notes a sign of life, and how much there is of log and outputs: written within seconds, together with others. */
  alive(
    { id, madeAt }: Pick<Attempt, 'id' | 'madeAt'>,
    counts: Pick<Life, 'logBytes' | 'logLines' | 'outputBytes'> = {},
    aliveAt = new Date(),
  ): void {
    this.lives.add({ attemptId: id, madeAt, aliveAt, ...counts });
  }

  /** Resolves when the signs of life so far are written. */
  written(): Promise<void> {
    return this.lives.flush();
  }

  /** Writes what was only gathered so far. */
  close(): Promise<void> {
    return this.written();
  }

  private async apply(items: readonly AttemptReport[]): Promise<readonly (Attempt | undefined)[]> {
    // What an attempt came to is to be known when its end is.
    if (items.some(({ report }) => report.state !== undefined && endsByItself.has(report.state)))
      await this.written();
    const after = await this.parts.dataSource
      .transaction((manager) => applyReports(manager, items))
      .catch(rethrow);
    this.parts.said();
    return after;
  }
}

/** Reads together what is asked for at one time. */
const reading = <Of extends { readonly id: string }>(
  read: (ids: readonly string[]) => Promise<readonly Of[]>,
): Batch<string, Of | undefined> =>
  new Batch(async (ids) => {
    const found = await read(ids).catch(rethrow);
    const byId = new Map(found.map((each) => [each.id, each]));
    return ids.map((id) => byId.get(id));
  }, 1_000);

function rethrow(thrown: unknown): never {
  throw databaseError(thrown) ?? thrown;
}

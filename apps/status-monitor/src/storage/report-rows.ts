import type { EntityManager } from 'typeorm';
import type { Reason, Report } from '../domain/report.js';

/** One step of an attempt's timeline. */
export interface AttemptEvent {
  readonly attemptId: string;
  readonly madeAt: Date;
  readonly saidBy: string;
  readonly state: string;
  readonly at: Date;
  readonly reason?: Reason | undefined;
}

/** Adds to the history of attempts. */
export async function insertEvents(manager: EntityManager, events: readonly AttemptEvent[]): Promise<void> {
  if (events.length === 0) return;
  await manager.query(
    `insert into attempt_event (made_at, attempt_id, at, said_by, state, reason)
     select "madeAt", "attemptId", "at", "saidBy", "state", "reason"
     from jsonb_to_recordset($1::jsonb) as u ("madeAt" timestamptz, "attemptId" uuid, "at" timestamptz,
       "saidBy" text, "state" text, "reason" jsonb)`,
    [JSON.stringify(events)],
  );
}

/** Notes that the counts of these groups are not what was last said. */
export async function markChanged(manager: EntityManager, groups: readonly string[]): Promise<void> {
  if (groups.length === 0) return;
  await manager.query('insert into group_change (group_id) select unnest($1::uuid[])', [
    [...new Set(groups)],
  ]);
}

interface Parked {
  readonly attemptId: string;
  readonly report: Report;
}

/** Keeps reports on attempts of which the ledger has not heard: messages overtake one another. */
export async function park(manager: EntityManager, reports: readonly Parked[]): Promise<void> {
  if (reports.length === 0) return;
  await manager.query(
    `insert into parked_report (attempt_id, report)
     select (e->>'attemptId')::uuid, e->'report'
     from jsonb_array_elements($1::jsonb) with ordinality as told (e, place) order by place`,
    [JSON.stringify(reports.map(({ attemptId, report }) => ({ attemptId, report })))],
  );
}

interface ParkedRow {
  readonly attempt_id: string;
  readonly report: Omit<Report, 'at' | 'facts'> & {
    readonly at: string;
    readonly facts?: Omit<NonNullable<Report['facts']>, 'startedAt' | 'endedAt'> & {
      readonly startedAt?: string;
      readonly endedAt?: string;
    };
  };
}

/** Takes reports out whose attempts are known by now; what nobody ever told of goes after a day. */
export async function takeParked(manager: EntityManager, most: number): Promise<readonly Parked[]> {
  const [rows] = await manager.query<[ParkedRow[], number]>(
    `delete from parked_report p using (
       select position from parked_report q
       where exists (select from attempt a where a.id = q.attempt_id)
       order by position limit $1 for update skip locked) due
     where p.position = due.position returning p.attempt_id, p.report`,
    [most],
  );
  return rows.map(({ attempt_id, report }) => ({ attemptId: attempt_id, report: reportOf(report) }));
}

/** Forgets what was said a day ago of attempts that never came to be known. @returns how many reports */
export async function forgetParked(manager: Pick<EntityManager, 'query'>): Promise<number> {
  const [, count] = await manager.query<[unknown[], number]>(
    `delete from parked_report where parked_at < now() - interval '1 day'`,
  );
  return count;
}

const reportOf = ({ at, facts, ...rest }: ParkedRow['report']): Report => ({
  ...rest,
  at: new Date(at),
  facts: facts && {
    ...facts,
    startedAt: facts.startedAt === undefined ? undefined : new Date(facts.startedAt),
    endedAt: facts.endedAt === undefined ? undefined : new Date(facts.endedAt),
  },
});

import type { AttemptState } from '#contracts';
import type { EntityManager } from 'typeorm';
import type { Attempt, BatchEnd, CancelWish, Standing, Writing } from '../domain/attempt.js';
import type { Reason, Usage } from '../domain/report.js';

/** The columns of `attempt` that make an `Attempt`. */
export const attemptColumns = `a.id, a.made_at, a.group_id, a.job_id, a.index, a.number, a.is_latest, a.project,
  a.backend, a.state, a.state_at, a.batch_id, a.node, a.started_at, a.ended_at, a.exit_code, a.signal, a.reason,
  a.usage, a.cancel, a.batch_end, a.session`;

/** A row of the table `attempt`, as far as the ledger needs it. */
export interface AttemptRow {
  readonly id: string;
  readonly made_at: Date;
  readonly group_id: string;
  readonly job_id: string;
  readonly index: number;
  readonly number: number;
  readonly is_latest: boolean;
  readonly project: string;
  readonly backend: string;
  readonly state: AttemptState;
  readonly state_at: Date;
  readonly batch_id: string | null;
  readonly node: string | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly exit_code: number | null;
  readonly signal: number | null;
  readonly reason: Reason | null;
  readonly usage: Usage | null;
  readonly cancel: (Reason & { readonly at: string }) | null;
  readonly batch_end:
    (Omit<BatchEnd, 'at' | 'heardAt'> & { readonly at: string; readonly heardAt: string }) | null;
  readonly session: string | null;
}

/** An attempt as the domain has it: what is null in the table is undefined there. */
export const attemptOf = (row: AttemptRow): Attempt => ({
  id: row.id,
  madeAt: row.made_at,
  groupId: row.group_id,
  jobId: row.job_id,
  index: row.index,
  number: row.number,
  isLatest: row.is_latest,
  project: row.project,
  backend: row.backend,
  state: row.state,
  stateAt: row.state_at,
  batchId: row.batch_id ?? undefined,
  node: row.node ?? undefined,
  startedAt: row.started_at ?? undefined,
  endedAt: row.ended_at ?? undefined,
  exitCode: row.exit_code ?? undefined,
  signal: row.signal ?? undefined,
  reason: row.reason ?? undefined,
  usage: row.usage ?? undefined,
  cancel: row.cancel ? { ...row.cancel, at: new Date(row.cancel.at) } : undefined,
  batchEnd: row.batch_end
    ? { ...row.batch_end, at: new Date(row.batch_end.at), heardAt: new Date(row.batch_end.heardAt) }
    : undefined,
  session: row.session ?? undefined,
});

/** Attempts by their ids. */
export const attemptsQuery = {
  name: 'attempts',
  text: `select ${attemptColumns} from attempt a where a.id = any($1::uuid[])`,
};

/** As much of a row as says who may speak for the attempt, and what it is told. */
export type StandingRow = Pick<AttemptRow, 'id' | 'made_at' | 'state' | 'session' | 'cancel'>;

/** As much of attempts as a heartbeat needs. */
export const standingsQuery = {
  name: 'standings',
  text: 'select id, made_at, state, session, cancel from attempt where id = any($1::uuid[])',
};

/** What `standingsQuery` finds, as the domain has it. */
export const standingOf = ({ id, made_at: madeAt, state, session, cancel }: StandingRow): Standing => ({
  id,
  madeAt,
  state,
  session: session ?? undefined,
  cancel: cancel ? { ...cancel, at: new Date(cancel.at) } : undefined,
});

/** A standing with what names the attempt in events, for `job.log`. */
export type WritingRow = StandingRow &
  Pick<AttemptRow, 'group_id' | 'job_id' | 'index' | 'number' | 'project' | 'backend'>;

/** As much of attempts as a piece of log needs. */
export const writingsQuery = {
  name: 'writings',
  text: `select id, made_at, state, session, cancel, group_id, job_id, index, number, project, backend
    from attempt where id = any($1::uuid[])`,
};

/** What `writingsQuery` finds, as the domain has it. */
export const writingOf = (row: WritingRow): Writing => ({
  ...standingOf(row),
  groupId: row.group_id,
  jobId: row.job_id,
  index: row.index,
  number: row.number,
  project: row.project,
  backend: row.backend,
});

/** Locks attempts for the rest of the transaction, in the order of their ids, so that two copies never wait in a ring. */
export async function lockAttempts(
  manager: EntityManager,
  ids: readonly string[],
): Promise<Map<string, Attempt>> {
  const rows = await manager.query<AttemptRow[]>(
    `select ${attemptColumns} from attempt a where a.id = any($1::uuid[]) order by a.id for update`,
    [[...new Set(ids)]],
  );
  return new Map(rows.map((row) => [row.id, attemptOf(row)]));
}

/** Writes what became of attempts that are locked. */
export async function writeAttempts(manager: EntityManager, attempts: readonly Attempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await manager.query(
    `update attempt a set is_latest = u.is_latest, state = u.state, state_at = u.state_at, batch_id = u.batch_id,
       node = u.node, started_at = u.started_at, ended_at = u.ended_at, exit_code = u.exit_code, signal = u.signal,
       reason = u.reason, usage = u.usage, cancel = u.cancel, batch_end = u.batch_end, session = u.session
     from jsonb_to_recordset($1::jsonb) as u (id uuid, made_at timestamptz, is_latest boolean, state text,
       state_at timestamptz, batch_id text, node text, started_at timestamptz, ended_at timestamptz, exit_code int,
       signal int, reason jsonb, usage jsonb, cancel jsonb, batch_end jsonb, session text)
     where a.id = u.id and a.made_at = u.made_at`,
    [JSON.stringify(attempts.map(writtenRow))],
  );
}

/** A further attempt of a job, or its first. */
export interface NewAttempt {
  readonly id: string;
  readonly madeAt: Date;
  readonly groupId: string;
  readonly jobId: string;
  readonly index: number;
  readonly number: number;
  readonly project: string;
  readonly backend: string;
  readonly queuedAt: Date;
  readonly notBefore?: Date | undefined;
}

/** Writes attempts down as queued; one that is there already stays as it is. */
export async function insertAttempts(manager: EntityManager, attempts: readonly NewAttempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await manager.query(
    `insert into attempt (id, made_at, group_id, job_id, index, number, project, backend, state, state_at, queued_at,
       not_before)
     select "id", "madeAt", "groupId", "jobId", "index", "number", "project", "backend", 'queued', "queuedAt",
       "queuedAt", "notBefore"
     from jsonb_to_recordset($1::jsonb) as u ("id" uuid, "madeAt" timestamptz, "groupId" uuid, "jobId" uuid,
       "index" int, "number" int, "project" text, "backend" text, "queuedAt" timestamptz, "notBefore" timestamptz)
     on conflict do nothing`,
    [JSON.stringify(attempts)],
  );
}

const writtenRow = (attempt: Attempt): object => ({
  id: attempt.id,
  made_at: attempt.madeAt,
  is_latest: attempt.isLatest,
  state: attempt.state,
  state_at: attempt.stateAt,
  batch_id: attempt.batchId,
  node: attempt.node,
  started_at: attempt.startedAt,
  ended_at: attempt.endedAt,
  exit_code: attempt.exitCode,
  signal: attempt.signal,
  reason: attempt.reason,
  usage: attempt.usage,
  cancel: attempt.cancel satisfies CancelWish | undefined,
  batch_end: attempt.batchEnd,
  session: attempt.session,
});
